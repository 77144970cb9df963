/** Suite A, rule A2: what a provider declares and what its code and fixtures do, compared in both directions. */
import { isDeepStrictEqual } from 'node:util'
import { authOfKind, Redacted, reveal, type AnyStream } from '../../src/provider/index.js'
import { must } from '../support/broken-rule.js'
import type { ProviderCase } from '../support/provider-case.js'
import { exchangeKey, replayOf } from '../support/provider-replay.js'
import { readRuns, streamFile, type Run } from '../support/provider-run.js'
import { CANARIES, heldToken, REFRESH_TOKEN, testFields, testSettings } from '../support/provider-settings.js'
import { section } from './provider-declaration.js'

/** A2: every declared fact, looked for in the other direction too. */
export async function a2Facts(one: ProviderCase): Promise<void> {
  checkTokenFixtures(one)
  await checkOpen(one)
  await checkRevoke(one)
  checkFixturesOfParts(one)
  for (const stream of one.provider.streams) await checkStreamFacts(one, stream)
}

/** Which token answers are recorded: one for each kind that has a token endpoint. */
function checkTokenFixtures({ provider, calls, path, readme }: ProviderCase): void {
  const expected: string[] = []
  for (const auth of provider.auth.filter((one) => 'token' in one)) {
    const name = expected.length === 0 ? 'token' : `token-${auth.kind}`
    expected.push(name)
    const file = `${path}/fixtures/${name}.json`
    const token = calls[name]?.[0]?.body
    const isAnswer = typeof token === 'object' && token !== null
    must(
      isAnswer && JSON.stringify(token).includes('"access_token"'),
      'it is missing or holds no token',
      file,
    )
    const refresh = auth.kind === 'oauth2' && auth.refresh
    must(
      JSON.stringify(token).includes('"refresh_token"') === refresh,
      `refresh is ${refresh}, and the recorded answer ${refresh ? 'holds no' : 'holds a'} refresh token`,
      file,
    )
  }
  const others = Object.keys(calls).filter((name) => /^token(-|$)/.test(name) && !expected.includes(name))
  must(
    others.length === 0,
    'no way to connect has a token endpoint that it is of',
    `${path}/fixtures/${others[0]}.json`,
  )
  const oauth2 = authOfKind(provider, 'oauth2')
  must(
    'exchange' in calls === (oauth2?.exchange !== undefined),
    'exchange.json is there without an exchange, or the other way round',
    `${path}/index.ts`,
  )
  must(
    section(readme, 'Known gaps').includes('PKCE') === (oauth2?.pkce === false),
    'pkce: false and a sentence on PKCE under Known gaps go together',
    `${path}/README.md`,
  )
}

/** A sign-in by calls of the provider's own gives a token, and all of its calls are recorded. */
async function checkOpen(one: ProviderCase): Promise<void> {
  const { provider, calls, path } = one
  const file = `${path}/fixtures/open.json`
  const auth = authOfKind(provider, 'custom')
  must(
    'open' in calls === (auth?.open !== undefined),
    'open.json and open of a custom sign-in go together',
    file,
  )
  if (auth?.open === undefined) return
  const http = replayOf(one)
  const { settings } = testSettings(provider)
  const { accessToken } = await auth.open(http, { settings, fields: testFields(one, auth) })
  must(reveal(accessToken) !== '', 'open gives an empty token', `${path}/index.ts`)
  const made = http.calls.flatMap(({ exchange }) => (exchange ? [exchangeKey(exchange)] : []))
  const unused = (calls['open'] ?? []).find((exchange) => !made.includes(exchangeKey(exchange)))
  must(unused === undefined, `open does not make the recorded call ${unused?.request}`, file)
  const told = http.calls.some(({ url }) =>
    CANARIES.some((canary) => decodeURIComponent(url.href).includes(canary)),
  )
  must(!told, 'open puts a secret into an address', `${path}/index.ts`)
}

/** Fixtures of live reads and deliveries are there if and only if the provider has them. */
function checkFixturesOfParts({ provider, browse, webhooks, calls, path }: ProviderCase): void {
  const together: readonly (readonly [string, boolean, boolean])[] = [
    ['browse/expected.json', browse?.expected !== undefined, provider.browse !== undefined],
    ['webhooks.json', webhooks !== undefined, provider.webhooks !== undefined],
    ['webhook-register.json', 'webhook-register' in calls, provider.webhooks?.register !== undefined],
    ['webhook-remove.json', 'webhook-remove' in calls, provider.webhooks?.remove !== undefined],
  ]
  for (const [file, isThere, isDeclared] of together)
    must(
      isThere === isDeclared,
      isThere ? 'it is there, and the provider has nothing of the kind' : 'it is missing',
      `${path}/fixtures/${file}`,
    )
}

async function checkRevoke(one: ProviderCase): Promise<void> {
  const { provider, calls, path, readme } = one
  const recorded = calls['revoke']
  if (typeof provider.revoke !== 'function') {
    must(
      recorded === undefined,
      'revoke.json is there, and revoke is said to be unsupported',
      `${path}/index.ts`,
    )
    must(
      section(readme, 'Known gaps').includes(provider.revoke.unsupported),
      'Known gaps do not give the reason why access cannot be revoked',
      `${path}/README.md`,
    )
    return
  }
  must(
    recorded !== undefined,
    'revoke is a function and no call of it is recorded',
    `${path}/fixtures/revoke.json`,
  )
  const http = replayOf(one)
  const fields = testFields(one)
  const tokens = { accessToken: heldToken(one), refreshToken: new Redacted(REFRESH_TOKEN), fields }
  await provider.revoke(http, { settings: testSettings(provider).settings, fields, tokens })
  const made = http.calls.flatMap(({ exchange }) => (exchange ? [exchangeKey(exchange)] : []))
  must(
    recorded.every((exchange) => made.includes(exchangeKey(exchange))),
    'revoke does not make the recorded call',
    `${path}/index.ts`,
  )
}

async function checkStreamFacts(one: ProviderCase, stream: AnyStream): Promise<void> {
  const file = streamFile(one, stream)
  const asked = replayOf(one)
  const first = await readRuns(one, stream, asked)
  const count = asked.calls.length
  const later = await readRuns(one, stream, asked, first)
  const requests = asked.calls.map((call) => call.key)
  const same = isDeepStrictEqual(requests.slice(0, count), requests.slice(count))
  // What goes over a plain connection is not told apart.
  must(
    same === !stream.incremental || one.socketPort !== undefined,
    stream.incremental
      ? 'incremental: true, and a later run makes the same calls as the first'
      : 'incremental: false, and a later run makes other calls than the first',
    file,
  )
  must(
    !(stream.deletes === 'scan' && stream.incremental),
    'a scan reads everything, so it is not incremental',
    file,
  )
  checkDeletes(stream, [...first, ...later], file)
  const paged = first.some((run) => run.pages.length > 1)
  must(
    paged === (stream.paged ?? true),
    paged
      ? 'paged: false, and the fixtures have further pages'
      : 'its fixtures have one page: record two or say paged: false',
    file,
  )
}

function checkDeletes(stream: AnyStream, runs: readonly Run[], file: string): void {
  const fed = runs.some((run) => run.pages.some((page) => (page.deletedIds?.length ?? 0) > 0))
  must(
    fed === (stream.deletes === 'feed'),
    fed
      ? `deletes: '${stream.deletes}', and pages report deleted ids`
      : "deletes: 'feed', and no fixture page reports a deleted id",
    file,
  )
}
