/** The catalog under the operator's hand: providers switched off and on, settings and limits changed, while the node serves. */
import { NodeError, toNodeError } from '../errors.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import { NO_RULES, type Catalog, type CatalogEntry, type Provider } from '../provider/index.js'
import type { ProviderLimits, ProviderRules } from '../provider/index.js'
import { auditLog, providerSettings, type ProviderSetting, type Store } from '../store/index.js'
import { unknownMembers } from '../lib/unknown-members.js'
import { invalidFields, type Fault } from './invalid.js'

/** A provider with the settings of the environment; what the operator sets while the node serves goes before those. */
export interface OperatedProvider {
  readonly provider: Provider
  read(
    overrides: Readonly<Record<string, string>>,
  ): Pick<CatalogEntry, 'settings' | 'missingSettings' | 'partialSettings'>
}

export interface Ruling extends ProviderRules {
  /** By name; never a secret. */
  readonly settings: Readonly<Record<string, string>>
}

/** What is left out stays; `null` goes back to what holds without a rule. */
export interface RulingChanges {
  readonly enabled?: boolean | undefined
  readonly settings?: Readonly<Record<string, string | null>> | undefined
  readonly limits?: { readonly [K in keyof ProviderLimits]: number | null | undefined } | undefined
}

export interface OperatedCatalog {
  /** Its entries tell what holds now. */
  readonly catalog: Catalog
  rulingOf(id: string): Ruling
  /** Holds in this process at once, in others within seconds. @throws NodeError PROVIDER_UNKNOWN, REQUEST_INVALID */
  change(actor: string, id: string, changes: RulingChanges): Promise<Ruling>
  stop(): void
}

export interface OperatedPorts {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  /** How often other processes' changes are read. Default: 10 s. */
  readonly lookMs?: number
}

/** No tenant's name has this form. */
export const NODE_AUDIT = '(node)'
const LOOK_MS = 10_000
const MAX_SETTING = 2_000

/** @throws NodeError STORE_UNAVAILABLE */
export async function operateCatalog(
  { store, clock, log, lookMs = LOOK_MS }: OperatedPorts,
  providers: readonly OperatedProvider[],
): Promise<OperatedCatalog> {
  let rulings = await readRulings(store)
  const rulingOf = (id: string): Ruling => rulings.get(id) ?? { ...NO_RULES, settings: {} }
  const look = (): void => {
    readRulings(store).then(
      (read) => (rulings = read),
      (error: unknown) => log.warn('rules.unread', { error: toNodeError(error) }),
    )
  }
  const timer = setInterval(look, lookMs).unref()
  return {
    catalog: providers.map((provider) => entryOf(provider, () => rulingOf(provider.provider.id))),
    rulingOf,
    async change(actor, id, changes) {
      const known = providers.find(({ provider }) => provider.id === id)
      if (known === undefined) throw new NodeError('PROVIDER_UNKNOWN')
      refuseUnknownSettings(known.provider, changes.settings ?? {})
      const nowMs = clock.now()
      const changed = await store.node(async (tx) => {
        const before = rulingOfRow(await providerSettings.lock(tx, id))
        const after = changedRuling(before, changes)
        await providerSettings.put(tx, {
          provider: id,
          ...rowOf(after),
          updatedBy: actor,
          updatedAtMs: nowMs,
        })
        const facts = { before: { ...rowOf(before) }, after: { ...rowOf(after) } }
        const subject = `provider:${id}`
        await auditLog.append(tx, {
          tenant: NODE_AUDIT,
          actor,
          action: 'provider.changed',
          subject,
          facts,
          nowMs,
        })
        return after
      })
      rulings = new Map(rulings).set(id, changed)
      return changed
    },
    stop: () => clearInterval(timer),
  }
}

async function readRulings(store: Store): Promise<ReadonlyMap<string, Ruling>> {
  return new Map((await providerSettings.list(store.db)).map((row) => [row.provider, rulingOfRow(row)]))
}

function rulingOfRow(row: ProviderSetting | undefined): Ruling {
  if (row === undefined) return { ...NO_RULES, settings: {} }
  const { enabled, settings, limits } = row
  return { enabled, settings, limits }
}

const rowOf = ({ enabled, settings, limits }: Ruling) => ({
  enabled,
  settings: { ...settings },
  limits: { ...limits } as Record<string, number>,
})

function entryOf(operated: OperatedProvider, ruling: () => Ruling): CatalogEntry {
  const { provider } = operated
  let seen: Ruling['settings'] | undefined
  let found = operated.read({})
  const current = (): typeof found => {
    const { settings } = ruling()
    if (settings !== seen) [seen, found] = [settings, operated.read(settings)]
    return found
  }
  return {
    provider,
    get settings() {
      return current().settings
    },
    get partialSettings() {
      return current().partialSettings
    },
    get missingSettings() {
      return current().missingSettings
    },
    get rules() {
      return ruling()
    },
  }
}

function changedRuling(before: Ruling, { enabled, settings = {}, limits = {} }: RulingChanges): Ruling {
  return {
    enabled: enabled ?? before.enabled,
    settings: merged(before.settings, settings),
    limits: merged(before.limits as Readonly<Record<string, number>>, limits),
  }
}

function merged<T>(
  before: Readonly<Record<string, T>>,
  changes: Readonly<Record<string, T | null | undefined>>,
): Record<string, T> {
  const after = new Map(Object.entries(before))
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) after.delete(name)
    else if (value !== undefined) after.set(name, value)
  }
  return Object.fromEntries(after)
}

function refuseUnknownSettings(
  { settings: shape }: Provider,
  settings: Readonly<Record<string, string | null>>,
): void {
  const faults = Object.entries(settings).flatMap(([name, value]): readonly Fault[] => {
    const setting = Object.hasOwn(shape, name) ? shape[name] : undefined
    if (setting === undefined) return [{ path: 'settings', message: unknownMembers(Object.keys(shape)) }]
    const path = `settings.${name}`
    if (setting.kind === 'secret') return [{ path, message: 'is a secret: it is set in the environment' }]
    if (value === null) return []
    if (setting.kind === 'origin' && !isOrigin(value))
      return [{ path, message: 'must be an http or https origin' }]
    return value.trim() === '' || value.length > MAX_SETTING || /[\p{Cc}]/u.test(value)
      ? [{ path, message: `must be 1 to ${MAX_SETTING} characters on one line` }]
      : []
  })
  if (faults.length > 0) throw invalidFields(faults)
}

const isOrigin = (text: string): boolean =>
  /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text
