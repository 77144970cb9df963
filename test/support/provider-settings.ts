/** The settings and secrets under which suite A runs a provider. The secrets are canaries: where one shows up, it leaked. */
import { Redacted, type Provider, type SettingsOf, type SettingsShape } from '../../src/provider/index.js'

export const TOKEN = 'canary-access-token-4f1c9b'
export const REFRESH_TOKEN = 'canary-refresh-token-8d20ae'
export const SECRET = 'canary-client-secret-77e1f3'
export const CANARIES: readonly string[] = [TOKEN, REFRESH_TOKEN, SECRET]

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

/** The hosts (with ports where they have some) that calls may go to. */
export function declaredHosts(
  provider: Provider,
  texts: Readonly<Record<string, string>>,
): readonly string[] {
  return provider.hosts.map((host) => {
    const setting = /^setting:(.+)$/.exec(host)?.[1]
    return setting === undefined ? host : new URL(texts[setting] ?? `missing:${setting}`).host
  })
}
