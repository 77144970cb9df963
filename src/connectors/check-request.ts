/** Reads what an application asks for against the catalog: every fault at once, with its path; nothing is written before it passes. */
import { NodeError, toNodeError } from '../errors.js'
import {
  enabledProvider,
  rulesOf,
  type Auth,
  type Catalog,
  type Provider,
  type UsableProvider,
} from '../provider/index.js'
import type { Connector } from '../store/index.js'
import { fileContentFaults } from './file-content.js'
import { invalid, invalidFields, type Fault } from './invalid.js'
import type { ConnectorPorts } from './ports.js'

/** What an application may say of a connector; members left out stay as they are, or get their default. */
export interface ConnectorWishes {
  /** The way to connect. Default: the preferred one, or that of the connector. */
  readonly authKind?: string | undefined
  readonly displayName?: string | undefined
  /** A ready choice of the catalog, for a new connector. */
  readonly preset?: string | undefined
  /** `null`: all of the provider's. */
  readonly streams?: readonly string[] | null | undefined
  /** `null`: only when asked. */
  readonly syncFrequency?: string | null | undefined
  /** How far back the first reading goes; `null`: to the beginning. */
  readonly backfillDays?: number | null | undefined
  /** Contents of files up to this size are copied too; `null`: none. */
  readonly fileContentMaxBytes?: number | null | undefined
  /** Credentials, by the form of the catalog. They are tested before anything is kept. */
  readonly config?: unknown
}

const MAX_NAME = 200
const MINUTE_MS = 60_000

/** @throws NodeError REQUEST_INVALID: not in the catalog; PROVIDER_NOT_CONFIGURED, PROVIDER_DISABLED */
export function typeOf(catalog: Catalog, type: string, authKind?: string): UsableProvider {
  if (!catalog.some(({ provider }) => provider.id === type))
    throw invalid('connector_type', 'is not in the catalog')
  return enabledProvider(catalog, type, authKind)
}

/** How accounts of this type are connected. Default: the preferred way. @throws NodeError REQUEST_INVALID */
export function authOf({ auth }: Provider, kind?: string): Auth {
  const found = kind === undefined ? auth[0] : auth.find((one) => one.kind === kind)
  if (found !== undefined) return found
  throw invalid('auth_kind', `must be one of ${auth.map((one) => one.kind).join(', ')}`)
}

/** @throws NodeError REQUEST_INVALID */
export function checkWishes(
  {
    nextRun,
    shortestGapMs,
    clock,
    catalog,
  }: Pick<ConnectorPorts, 'nextRun' | 'shortestGapMs' | 'clock' | 'catalog'>,
  provider: Provider,
  wishes: ConnectorWishes,
  /** Of the connector as it is. */
  { destination, streams: before = null }: Partial<Pick<Connector, 'destination' | 'streams'>>,
): void {
  const { displayName, streams, syncFrequency } = wishes
  const faults: Fault[] = [
    ...fileContentFaults(provider, { streams: before, ...wishes }, destination ?? 'tables'),
  ]
  if (displayName !== undefined && !isName(displayName))
    faults.push({ path: 'display_name', message: `must be 1 to ${MAX_NAME} characters on one line` })
  if (streams !== undefined && streams !== null) faults.push(...streamFaults(provider, streams))
  if (syncFrequency !== undefined && syncFrequency !== null)
    faults.push(
      ...frequencyFaults(() => {
        nextRun(syncFrequency, clock.now())
        const least = Math.max(
          provider.minSyncMinutes ?? 0,
          rulesOf(catalog, provider.id).limits.minSyncMinutes ?? 0,
        )
        if (shortestGapMs(syncFrequency) < least * MINUTE_MS)
          throw invalid('sync_frequency', `this provider takes at least ${least} minutes between syncs`)
      }),
    )
  if (faults.length > 0) throw invalidFields(faults)
}

const isName = (text: string): boolean =>
  text.trim() !== '' && text.length <= MAX_NAME && !/[\p{Cc}\p{Cs}]/u.test(text)

function streamFaults(provider: Provider, streams: readonly string[]): readonly Fault[] {
  const known = new Set(provider.streams.map(({ name }) => name))
  if (streams.length === 0)
    return [{ path: 'streams', message: 'name at least one, or leave it out for all' }]
  if (new Set(streams).size < streams.length) return [{ path: 'streams', message: 'names one twice' }]
  return streams.flatMap((name, index) =>
    known.has(name) ? [] : [{ path: `streams.${index}`, message: 'is no stream of this type' }],
  )
}

function frequencyFaults(next: () => void): readonly Fault[] {
  try {
    next()
    return []
  } catch (error) {
    const { code, fields } = toNodeError(error)
    if (code !== 'REQUEST_INVALID') throw error
    return fields ?? [{ path: 'sync_frequency', message: 'is no frequency' }]
  }
}

/** @throws NodeError CONNECTOR_UNKNOWN: never there, deleted, or another tenant's, all alike */
export function found<T>(connector: T | undefined): T {
  if (connector === undefined) throw new NodeError('CONNECTOR_UNKNOWN')
  return connector
}
