/** Suite A, part of A1: what people are asked for can be asked, found and used. */
import type { Auth, Field, Provider } from '../../src/provider/index.js'
import { must } from '../support/broken-rule.js'
import type { ProviderCase } from '../support/provider-case.js'
import { testFields } from '../support/provider-settings.js'

type Asked = Exclude<Field, { kind: 'told' }>

const HOST = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/

/** All that people fill in, over all ways to connect. */
export function askedFields({ auth }: Provider): readonly Asked[] {
  return auth
    .flatMap((one) => Object.values<Field>(one.fields ?? {}))
    .filter((field): field is Asked => field.kind !== 'told')
}

/** Whether an entry of `hosts` is a name, an origin setting, or a field that holds a host. */
export function isHostName(provider: Provider, host: string): boolean {
  const [, from, name = ''] = /^(setting|field):(.+)$/.exec(host) ?? []
  if (from === undefined) return HOST.test(host)
  if (from === 'setting') return provider.settings[name]?.kind === 'origin'
  const holders = provider.auth.flatMap(({ fields = {} }) => fields[name] ?? [])
  return holders.length > 0 && holders.every(holdsHost)
}

const holdsHost = (field: Field): boolean =>
  field.kind === 'host' ||
  field.kind === 'origin' ||
  (field.kind === 'told' && (field.originUnder ?? []).length > 0)

/** Each field has words for people and values that it takes, and the test's own values are such. */
export function checkFields(one: ProviderCase): void {
  const index = `${one.path}/index.ts`
  const shapes = one.provider.auth.map((auth) => [auth, Object.entries<Field>(auth.fields ?? {})] as const)
  for (const [auth, fields] of shapes) {
    const { texts } = testFields(one, auth)
    for (const [name, field] of fields) {
      const wrong = faultOf(name, field) ?? valueFault(field, texts[name])
      must(wrong === undefined, `the field '${name}' ${wrong}`, index)
    }
    const wrong = keyFault(auth)
    must(wrong === undefined, `${auth.kind}: ${wrong}`, index)
  }
  const known = new Set(shapes.flatMap(([, fields]) => fields.map(([name]) => name)))
  const secret = new Set(
    shapes.flatMap(([, fields]) => fields.filter(([, { kind }]) => kind === 'secret').map(([name]) => name)),
  )
  for (const name of Object.keys(one.fieldTexts)) {
    const file = `${one.path}/fixtures/fields.json`
    must(known.has(name), `there is no field '${name}'`, file)
    must(!secret.has(name), `'${name}' is a secret, which the suite makes itself`, file)
  }
}

function faultOf(name: string, field: Field): string | undefined {
  if (!/^[a-z][A-Za-z0-9]*$/.test(name)) return 'is not named in camel case'
  if (field.kind === 'told')
    return field.name === '' || field.originUnder?.some((host) => !HOST.test(host.replace(/^\./, '')))
      ? 'is told under no name, or its origins are no hosts'
      : undefined
  if (field.label.trim() === '' || field.help.trim() === '') return 'has no label or no help'
  if (field.kind === 'host' && !/^\{\}(\.[a-z0-9-]+){2,}$/.test(field.host))
    return "has a host that is not '{}' and the service's own domain"
  if (field.kind !== 'choice') return undefined
  const choices = Object.keys(field.choices)
  return choices.length > 1 && (field.fallback === undefined || choices.includes(field.fallback))
    ? undefined
    : 'has fewer than two choices, or a fallback that is none of them'
}

/** Why the value of this test run is none that the field takes. */
function valueFault(field: Field, value: string | undefined): string | undefined {
  if (value === undefined || field.kind === 'secret' || field.kind === 'told') return undefined
  const takes = {
    text: () =>
      new RegExp(
        `^(?:${field.kind === 'text' ? (field.pattern ?? (field.multiline === true ? '[^]*' : '.*')) : ''})$`,
      ).test(value),
    host: () => field.kind === 'host' && /^[a-z0-9-]+$/.test(value.replace(field.host.replace('{}', ''), '')),
    origin: () =>
      field.kind === 'origin' && (field.port === undefined ? isOrigin(value) : /^[^/:]+:\d+$/.test(value)),
    choice: () => field.kind === 'choice' && value in field.choices,
  }[field.kind]()
  return takes ? undefined : `does not take '${value}' (fallback, example or fields.json)`
}

const isOrigin = (value: string): boolean => URL.canParse(value) && new URL(value).origin === value

/** The names by which a way to connect refers to its fields. */
function keyFault(auth: Auth): string | undefined {
  const { fields = {} } = auth
  const isSecret = (name: string) => fields[name]?.kind === 'secret'
  switch (auth.kind) {
    case 'api_key':
      return isSecret(auth.key) ? undefined : `key '${auth.key}' is no secret field`
    case 'basic':
      if (fields[auth.username] === undefined) return `there is no field '${auth.username}'`
      return fields[auth.password] !== undefined && (isSecret(auth.password) || isSecret(auth.username))
        ? undefined
        : `neither '${auth.username}' nor '${auth.password}' is a secret field`
    case 'service_account': {
      const key = fields[auth.key]
      if (key?.kind !== 'secret' || key.multiline !== true)
        return `key '${auth.key}' is no secret field of several lines`
      if (auth.subject === undefined) return undefined
      return fields[auth.subject]?.kind === 'text' ? undefined : `subject '${auth.subject}' is no text field`
    }
    case 'custom':
      return auth.headers === undefined && auth.open === undefined
        ? 'has neither headers nor open'
        : undefined
    case 'oauth2':
    case 'client_credentials':
      return undefined
  }
}
