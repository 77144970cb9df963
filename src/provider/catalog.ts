/** The providers of this node with the operator's settings; the one place that says whether a provider can be used. */
import { NodeError } from '../errors.js'
import type { Provider } from './define-provider.js'
import type { SettingsOf, SettingsShape } from './settings.js'

/** What an operator allows each tenant; missing: no limit but the node's own. */
export interface ProviderLimits {
  /** Of one tenant. */
  readonly maxConnections?: number
  /** Syncs of one connection are no closer together. */
  readonly minSyncMinutes?: number
}

/** What the operator decides about a provider while the node serves. */
export interface ProviderRules {
  /** `false`: nothing new is connected, nothing is synced or read live; what is there can be tested, revoked and deleted. */
  readonly enabled: boolean
  readonly limits: ProviderLimits
}

export const NO_RULES: ProviderRules = { enabled: true, limits: {} }

export interface CatalogEntry {
  readonly provider: Provider
  /** Missing while the operator has not set everything that is needed. */
  readonly settings?: SettingsOf<SettingsShape> | undefined
  /** Those that are set while others are missing, for ways to connect that read none. */
  readonly partialSettings?: SettingsOf<SettingsShape> | undefined
  /** Names of settings that the operator has still to set; empty when usable. */
  readonly missingSettings: readonly string[]
  /** May change while the node serves. Default: NO_RULES. */
  readonly rules?: ProviderRules
}

/** In the order in which people see them. */
export type Catalog = readonly CatalogEntry[]

export interface UsableProvider {
  readonly provider: Provider
  readonly settings: SettingsOf<SettingsShape>
}

/** `kind`: the way to connect, where it is known. @throws NodeError PROVIDER_UNKNOWN, PROVIDER_NOT_CONFIGURED */
export function usableProvider(catalog: Catalog, id: string, kind?: string): UsableProvider {
  const entry = catalog.find(({ provider }) => provider.id === id)
  if (entry === undefined) throw new NodeError('PROVIDER_UNKNOWN')
  const { provider, missingSettings, partialSettings } = entry
  const settings = entry.settings ?? (isWithoutSettings(provider, kind) ? partialSettings : undefined)
  if (settings !== undefined) return { provider, settings }
  throw new NodeError('PROVIDER_NOT_CONFIGURED', {
    detail: `set ${missingSettings.join(', ')} to use ${provider.label}`,
  })
}

const isWithoutSettings = ({ auth }: Provider, kind: string | undefined): boolean =>
  auth.some((one) => one.kind === kind && one.withoutSettings === true)

/** Whether accounts can be connected in this way as things are. */
export const isUsable = (entry: CatalogEntry, kind: string): boolean =>
  entry.missingSettings.length === 0 ||
  (entry.partialSettings !== undefined && isWithoutSettings(entry.provider, kind))

/** For what begins something new. @throws NodeError PROVIDER_UNKNOWN, PROVIDER_DISABLED, PROVIDER_NOT_CONFIGURED */
export function enabledProvider(catalog: Catalog, id: string, kind?: string): UsableProvider {
  if (!rulesOf(catalog, id).enabled) throw new NodeError('PROVIDER_DISABLED')
  return usableProvider(catalog, id, kind)
}

export const rulesOf = (catalog: Catalog, id: string): ProviderRules =>
  catalog.find(({ provider }) => provider.id === id)?.rules ?? NO_RULES
