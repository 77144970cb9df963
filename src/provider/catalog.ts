/** The providers of this node with the operator's settings; the one place that says whether a provider can be used. */
import { NodeError } from '../errors.js'
import type { Provider } from './define-provider.js'
import type { SettingsOf, SettingsShape } from './settings.js'

export interface CatalogEntry {
  readonly provider: Provider
  /** Missing while the operator has not set everything that is needed. */
  readonly settings?: SettingsOf<SettingsShape>
  /** Names of settings that the operator has still to set; empty when usable. */
  readonly missingSettings: readonly string[]
}

/** In the order in which people see them. */
export type Catalog = readonly CatalogEntry[]

export interface UsableProvider {
  readonly provider: Provider
  readonly settings: SettingsOf<SettingsShape>
}

/** @throws NodeError PROVIDER_UNKNOWN, PROVIDER_NOT_CONFIGURED */
export function usableProvider(catalog: Catalog, id: string): UsableProvider {
  const entry = catalog.find(({ provider }) => provider.id === id)
  if (entry === undefined) throw new NodeError('PROVIDER_UNKNOWN')
  const { provider, settings, missingSettings } = entry
  if (settings !== undefined) return { provider, settings }
  throw new NodeError('PROVIDER_NOT_CONFIGURED', {
    detail: `set ${missingSettings.join(', ')} to use ${provider.label}`,
  })
}
