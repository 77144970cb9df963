/** Suite A, rule A4: how people sign in and what carries their credentials, as declared and as the node's own connect leg builds it. */
import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { runStrategy } from '../../src/connect/run-strategy.js'
import type { SignIn, SignIns } from '../../src/connect/sign-ins.js'
import { createStrategy } from '../../src/connect/strategy.js'
import { silentLog } from '../../src/lib/log.js'
import type { Auth, OAuth2 } from '../../src/provider/index.js'
import { must } from '../support/broken-rule.js'
import type { ProviderCase } from '../support/provider-case.js'
import { CANARIES, NOW, sentHeaders, testFields, testSettings } from '../support/provider-settings.js'

const STATE = 'state-of-this-sign-in'
const REDIRECT_URI = 'https://node.test/auth/provider?of=this'
const RESERVED = ['client_id', 'redirect_uri', 'response_type', 'scope', 'state', 'code_challenge', 'nonce']

/** Headers that belong to the connection, or misroute a call. */
const NOT_FOR_TOKENS = ['host', 'connection', 'content-length', 'content-type', 'transfer-encoding', 'cookie']

/** A4: https, the exact address to come back to, state, only declared scopes, PKCE S256 when declared; credentials in a header. */
export async function a4Authorize(one: ProviderCase): Promise<void> {
  for (const auth of one.provider.auth) {
    checkAddresses(one, auth)
    if ('scopes' in auth) checkScopes(one, auth)
    if (auth.kind === 'oauth2') await checkWayOut(one, auth)
    checkHeaders(one, auth)
  }
}

function checkHeaders(one: ProviderCase, auth: Auth): void {
  const index = `${one.path}/index.ts`
  const [once, twice] = [sentHeaders(one, auth), sentHeaders(one, auth)]
  must(isDeepStrictEqual(once, twice), 'headers gives other headers the second time', index)
  const names = [...(auth.send ? [auth.send.header.toLowerCase()] : []), ...Object.keys(once)]
  const bad = names.find((name) => !/^[a-z0-9-]+$/.test(name) || NOT_FOR_TOKENS.includes(name))
  must(bad === undefined, `the header '${bad}' cannot carry credentials`, index)
}

function checkAddresses(one: ProviderCase, auth: Auth): void {
  const { provider, path } = one
  const index = `${path}/index.ts`
  const { settings, texts } = testSettings(provider)
  const fields = testFields(one, auth).texts
  const origins = Object.entries(provider.settings)
    .filter(([, setting]) => setting.kind === 'origin')
    .map(([name]) => texts[name])
  const addresses = [
    ...('authorize' in auth ? [auth.authorize] : []),
    ...('token' in auth ? [auth.token] : []),
  ]
  for (const address of addresses) {
    const url = new URL(typeof address === 'string' ? address : address(settings, fields))
    must(url.protocol === 'https:' || origins.includes(url.origin), `${url.origin} is not https`, index)
    const bare = url.search === '' && url.hash === '' && url.username === ''
    must(bare, `${url.host}${url.pathname} has more than a path`, index)
  }
  if (auth.kind === 'client_credentials')
    must(
      provider.settings['clientId']?.kind === 'text' && provider.settings['clientSecret']?.kind === 'secret',
      'client credentials without the settings clientId and clientSecret',
      index,
    )
  if (auth.kind !== 'oauth2') return
  const reserved = Object.keys(auth.authorizeParams ?? {}).filter((name) => RESERVED.includes(name))
  must(reserved.length === 0, `authorizeParams sets ${reserved.join(', ')}, which the node sets`, index)
}

function checkScopes({ provider, path }: ProviderCase, auth: Pick<OAuth2, 'scopes' | 'scopeJoin'>): void {
  const index = `${path}/index.ts`
  for (const [scope, reason] of Object.entries(auth.scopes)) {
    must(reason.trim() !== '', `the scope '${scope}' has no reason for people`, index)
    must(!scope.includes(auth.scopeJoin ?? ' '), `the scope '${scope}' holds the joining character`, index)
  }
  for (const stream of provider.streams) {
    const unknown = (stream.scopes ?? []).filter((scope) => !(scope in auth.scopes))
    must(
      unknown.length === 0,
      `${stream.name} needs undeclared scopes: ${unknown.join(', ')}`,
      `${path}/${stream.name}.ts`,
    )
  }
}

async function checkWayOut(one: ProviderCase, auth: OAuth2): Promise<void> {
  const index = `${one.path}/index.ts`
  const { settings } = testSettings(one.provider)
  let verifier: string | undefined
  const url = await wayOut(one, auth, (made) => (verifier = made))
  const { texts } = testFields(one, auth)
  const declared = new URL(
    typeof auth.authorize === 'string' ? auth.authorize : auth.authorize(settings, texts),
  )
  must(url.origin + url.pathname === declared.href, 'people are sent to another address than declared', index)
  const sent = (name: string) => url.searchParams.getAll(name).join(' and ')
  must(sent('redirect_uri') === REDIRECT_URI, `redirect_uri is ${sent('redirect_uri')}`, index)
  must(sent('response_type') === 'code', `response_type is ${sent('response_type')}`, index)
  must(sent('state') === STATE, `state is ${sent('state')}`, index)
  const scopes = sent('scope').split(auth.scopeJoin ?? ' ')
  must(
    scopes.every((scope) => scope in auth.scopes),
    `scope is ${sent('scope')}`,
    index,
  )
  const challenge = verifier === undefined ? '' : createHash('sha256').update(verifier).digest('base64url')
  must(sent('code_challenge') === challenge, 'the PKCE challenge is not the S256 of the verifier', index)
  must(
    (challenge !== '') === (auth.pkce ?? true),
    `pkce is ${auth.pkce ?? true}, and the address says otherwise`,
    index,
  )
  must(!CANARIES.some((canary) => url.href.includes(canary)), 'the address holds a secret', index)
}

/** The address that the connect leg sends people to. */
async function wayOut(
  one: ProviderCase,
  auth: OAuth2,
  onVerifier: (verifier: string | undefined) => void,
): Promise<URL> {
  const signIns: SignIns<unknown> = {
    begin: async (_signIn, _browser, verifier) => {
      onVerifier(verifier)
      return STATE
    },
    take: () => Promise.reject(new Error('nobody comes back')),
  }
  const { provider } = one
  const strategy = createStrategy({
    use: { provider, settings: testSettings(provider).settings },
    auth,
    fields: testFields(one, auth),
    redirectUri: REDIRECT_URI,
    signIns,
    tokenPorts: { clock: { now: () => NOW }, log: silentLog },
  })
  const signIn = { provider: provider.id, flow: 'link' } as SignIn
  const end = await runStrategy(strategy, { query: {}, browser: 'browser' }, { state: signIn })
  if (end.kind !== 'redirect') throw new Error('the strategy sends people nowhere')
  return new URL(end.location)
}
