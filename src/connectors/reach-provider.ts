/** Whether a provider can be used here, and answers at all: asked without any account, and without a token. */
import { NodeError, toNodeError } from '../errors.js'
import { guardedFetch } from '../outbound/index.js'
import {
  NO_RULES,
  type CatalogEntry,
  type Provider,
  type SettingsOf,
  type SettingsShape,
} from '../provider/index.js'
import type { ConnectorGrantPorts } from './ports.js'

export interface Reach {
  readonly enabled: boolean
  /** Names of the operator's settings. */
  readonly missingSettings: readonly string[]
  /** `null`: not asked, since it is not set up, or each account names its own server. */
  readonly reachable: boolean | null
  readonly latencyMs: number | null
}

const ASK_MS = 5_000

/** Any answer will do. @throws NodeError PROVIDER_UNKNOWN */
export async function reachProvider(
  { catalog, clock, outbound }: Pick<ConnectorGrantPorts, 'catalog' | 'clock' | 'outbound'>,
  id: string,
): Promise<Reach> {
  const entry = catalog.find(({ provider }) => provider.id === id)
  if (entry === undefined) throw new NodeError('PROVIDER_UNKNOWN')
  const { missingSettings, rules = NO_RULES } = entry
  const facts = { enabled: rules.enabled, missingSettings }
  const address = addressOf(entry)
  if (address === undefined) return { ...facts, reachable: null, latencyMs: null }
  const { network, caps } = outbound
  const fetch = guardedFetch({ provider: entry.provider, settings: address.settings, network, caps })
  const startedAtMs = clock.now()
  try {
    await fetch(address.url, { signal: AbortSignal.timeout(ASK_MS) })
  } catch (error) {
    // A redirect to elsewhere, or a page too large to read, is an answer too.
    if (toNodeError(error).code !== 'PROVIDER_CHANGED') return { ...facts, reachable: false, latencyMs: null }
  }
  return { ...facts, reachable: true, latencyMs: clock.now() - startedAtMs }
}

interface Asked {
  readonly url: string
  readonly settings: SettingsOf<SettingsShape>
}

function addressOf({ provider, settings }: CatalogEntry): Asked | undefined {
  if (settings === undefined) return undefined
  const [url] = provider.hosts.flatMap((host) => originOf(provider, settings, host) ?? [])
  return url === undefined ? undefined : { url, settings }
}

function originOf(provider: Provider, settings: Asked['settings'], host: string): string | undefined {
  const [kind, name] = host.split(':')
  if (name === undefined) return `https://${host}/`
  const value = kind === 'setting' ? settings[name] : undefined
  return typeof value === 'string' && provider.settings[name]?.kind === 'origin' ? value : undefined
}
