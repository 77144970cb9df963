/** The settings, secrets and fields under which suite A runs a provider. The secrets are canaries: where one shows up, it leaked. */
import { generateKeyPairSync } from 'node:crypto'
import {
  Redacted,
  reveal,
  type Auth,
  type Field,
  type FieldValues,
  type Provider,
  type SettingsOf,
  type SettingsShape,
} from '../../src/provider/index.js'
import type { ProviderCase } from './provider-case.js'

export const TOKEN = 'canary-access-token-4f1c9b'
export const REFRESH_TOKEN = 'canary-refresh-token-8d20ae'
export const SECRET = 'canary-client-secret-77e1f3'
export const LATER_TOKEN = 'canary-later-access-token-c27e55'
export const FIELD_SECRET = 'canary-field-secret-19be02'
export const CANARIES: readonly string[] = [TOKEN, LATER_TOKEN, REFRESH_TOKEN, SECRET, FIELD_SECRET]

/** 1 January 2030: later than everything in fixtures. */
export const NOW = Date.UTC(2030, 0, 1)

export interface TestSettings {
  readonly settings: SettingsOf<SettingsShape>
  /** Those that are no secrets. */
  readonly texts: Readonly<Record<string, string>>
}

/** Every setting of a provider: fallbacks where there are some, else values made of its name. */
export function testSettings(provider: Provider, texts: Readonly<Record<string, string>> = {}): TestSettings {
  const open = Object.entries(provider.settings).flatMap(([name, setting]) => {
    if (setting.kind === 'secret') return []
    const made = setting.kind === 'origin' ? `https://${provider.id}.test` : `test-${name}`
    return [[name, texts[name] ?? setting.fallback ?? made] as const]
  })
  const secrets = Object.entries(provider.settings)
    .filter(([, setting]) => setting.kind === 'secret')
    .map(([name]) => [name, new Redacted(SECRET)] as const)
  const settings: TestSettings['settings'] = Object.fromEntries<string | Redacted>([...open, ...secrets])
  return { settings, texts: Object.fromEntries(open) }
}

type WithFields = Pick<ProviderCase, 'provider' | 'fieldTexts'>

/** What was entered to connect the test account in one way: `fields.json` where it says something, else made up. */
export function testFields({ provider, fieldTexts }: WithFields, auth: Auth = provider.auth[0]): FieldValues {
  const shape = Object.entries<Field>(auth.fields ?? {})
  const texts = shape.flatMap(([name, field]) =>
    field.kind === 'secret' ? [] : [[name, fieldTexts[name] ?? madeUp(provider, name, field)] as const],
  )
  const secrets = shape.flatMap(([name, field]) =>
    field.kind === 'secret' ? [[name, new Redacted(secretOf(auth, name))] as const] : [],
  )
  return { texts: Object.fromEntries(texts), secrets: Object.fromEntries(secrets) }
}

function madeUp(provider: Provider, name: string, field: Exclude<Field, { kind: 'secret' }>): string {
  switch (field.kind) {
    case 'text':
      return field.fallback ?? field.example ?? `test-${name}`
    case 'host':
      return field.host.replace('{}', 'test')
    case 'origin':
      if (field.port !== undefined) return `${provider.id}.test:${field.port}`
      return field.fallback ?? `https://${provider.id}.test`
    case 'choice':
      return field.fallback ?? Object.keys(field.choices)[0] ?? ''
    case 'told':
      return `test-${name}`
  }
}

function secretOf(auth: Auth, name: string): string {
  if (auth.kind === 'api_key' && auth.key === name) return TOKEN
  return auth.kind === 'service_account' && auth.key === name ? serviceAccountKey() : FIELD_SECRET
}

let accountKey: string | undefined

/** A JSON key of the form that Google gives out, made once for this process. */
function serviceAccountKey(): string {
  accountKey ??= JSON.stringify({
    type: 'service_account',
    project_id: 'test-project',
    private_key_id: 'test-key',
    private_key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    }),
    client_email: 'connector@test-project.iam.gserviceaccount.com',
    client_id: '100000000000000000001',
    token_uri: 'https://oauth2.googleapis.com/token',
  })
  return accountKey
}

/** The token that the node holds after a sign-in of this kind. */
export function heldToken(one: WithFields, auth: Auth = one.provider.auth[0]): Redacted {
  if (auth.kind === 'basic') {
    const { texts, secrets } = testFields(one, auth)
    const part = (name: string) => texts[name] ?? (secrets[name] ? reveal(secrets[name]) : '')
    const pair = `${part(auth.username)}:${part(auth.password)}`
    return new Redacted(Buffer.from(pair, 'utf8').toString('base64'))
  }
  return new Redacted(auth.kind === 'custom' && auth.open === undefined ? '' : TOKEN)
}

/** The headers, in lower case, that carry the credentials of this kind with every call. */
export function sentHeaders(
  one: WithFields,
  auth: Auth = one.provider.auth[0],
): Readonly<Record<string, string>> {
  const token = reveal(heldToken(one, auth))
  const prefix = auth.kind === 'basic' ? 'Basic ' : 'Bearer '
  const send = auth.send ?? { header: 'authorization', prefix }
  const own = auth.kind === 'custom' ? (auth.headers?.(testFields(one, auth)) ?? {}) : {}
  const headers = Object.entries(own).map(([name, value]) => [
    name.toLowerCase(),
    typeof value === 'string' ? value : reveal(value),
  ])
  return {
    ...(token !== '' && { [send.header.toLowerCase()]: `${send.prefix}${token}` }),
    ...(Object.fromEntries(headers) as Record<string, string>),
  }
}

/** The hosts (with ports where they have some) that calls of an account connected in this way may go to. */
export function declaredHosts(one: WithFields, auth: Auth = one.provider.auth[0]): readonly string[] {
  const { texts } = testSettings(one.provider)
  const fields = testFields(one, auth).texts
  return one.provider.hosts.map((host) => {
    const [, from, name = ''] = /^(setting|field):(.+)$/.exec(host) ?? []
    if (from === undefined) return host
    const value = (from === 'setting' ? texts : fields)[name] ?? `missing.${name}`
    return value.includes('://') ? new URL(value).host : value
  })
}

/** `{token}`, `{<setting>}` and `{field:<name>}` in fixtures stand for the values of this test run. */
export function fillPlaceholders(text: string, one: WithFields): string {
  const settings = testSettings(one.provider).texts
  const values = [...one.provider.auth].reverse().map((auth) => testFields(one, auth))
  const fields = Object.assign({}, ...values.map(({ texts }) => texts)) as Record<string, string>
  const secrets = Object.assign({}, ...values.map(({ secrets }) => secrets)) as Record<string, Redacted>
  return text.replace(/\{(field:)?(\w+)\}/g, (whole, field: string | undefined, name: string) => {
    if (field === undefined) return name === 'token' ? TOKEN : (settings[name] ?? whole)
    return fields[name] ?? (secrets[name] ? JSON.stringify(reveal(secrets[name])).slice(1, -1) : whole)
  })
}
