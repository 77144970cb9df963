/** The connector as a subaccount has it: added once, then holding any number of calendars. A subaccount is the subject of its connectors. */
import type { Caller } from '../connectors/index.js'
import { NodeError, toNodeError } from '../errors.js'
import type { JsonObject } from '../lib/canonical-json.js'
import { subaccountConnectors, type SubaccountConnector } from '../store/index.js'
import { auditCalendar, CALENDAR, type CalendarPorts } from './ports.js'

/** How the connectors of a subaccount are made. */
export interface SubaccountConfig {
  /** `null`, and missing: only when asked. */
  readonly syncFrequency?: string | null | undefined
  /** `null`, and missing: all of the provider's. */
  readonly streams?: readonly string[] | null | undefined
}

export interface Added {
  readonly row: SubaccountConnector
  /** It was not there before. */
  readonly isNew: boolean
}

/** @throws NodeError REQUEST_INVALID */
export async function addToSubaccount(
  ports: CalendarPorts,
  { tenant, actor }: Caller,
  subaccountId: string,
  config?: SubaccountConfig,
): Promise<Added> {
  checkSubaccount(ports, subaccountId)
  if (config !== undefined) checkConfig(ports, config)
  const nowMs = ports.clock.now()
  return ports.store.tenant(tenant, async (tx) => {
    const kept = config && (JSON.parse(JSON.stringify(config)) as JsonObject)
    const added = { tenant, subaccountId, provider: CALENDAR, config: kept, nowMs }
    const { isNew, ...row } = await subaccountConnectors.add(tx, added)
    const entry = { tenant, actor, action: 'calendar.added', subject: `subaccount:${subaccountId}` } as const
    await auditCalendar(tx, { ...entry, nowMs })
    return { row, isNew }
  })
}

/** @throws NodeError REQUEST_INVALID, CONNECTOR_NOT_ADDED: never there, or another tenant's, both alike */
export async function addedConnector(
  ports: CalendarPorts,
  { tenant }: Caller,
  subaccountId: string,
): Promise<SubaccountConnector> {
  checkSubaccount(ports, subaccountId)
  const row = await ports.store.tenant(tenant, (tx) => subaccountConnectors.find(tx, subaccountId, CALENDAR))
  if (row === undefined || !row.isActive) throw new NodeError('CONNECTOR_NOT_ADDED')
  return row
}

export const configOf = ({ config }: SubaccountConnector): SubaccountConfig => config

const FORM = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/

/** The same addresses name providers: one that is meant for a provider must not become a subaccount. */
function checkSubaccount({ catalog }: CalendarPorts, subaccountId: string): void {
  if (!FORM.test(subaccountId))
    throw invalid('subaccountId', 'must be 1 to 100 letters, digits, dots, hyphens or underscores')
  if (catalog.some(({ provider }) => provider.id === subaccountId))
    throw invalid('subaccountId', 'is the id of a provider')
}

function checkConfig(
  { catalog, nextRun, clock }: CalendarPorts,
  { syncFrequency, streams }: SubaccountConfig,
): void {
  const known = catalog.find(({ provider }) => provider.id === CALENDAR)?.provider.streams ?? []
  const names = new Set(known.map(({ name }) => name))
  if (streams?.length === 0) throw invalid('config.streams', 'name at least one, or leave it out for all')
  if (streams?.some((name) => !names.has(name)) === true)
    throw invalid('config.streams', `must be of ${[...names].join(', ')}`)
  if (typeof syncFrequency !== 'string') return
  try {
    nextRun(syncFrequency, clock.now())
  } catch (error) {
    const { code, fields } = toNodeError(error)
    if (code !== 'REQUEST_INVALID') throw error
    throw invalid('config.syncFrequency', fields?.[0]?.message ?? 'is no frequency')
  }
}

function invalid(path: string, message: string): NodeError {
  return new NodeError('REQUEST_INVALID', { fields: [{ path, message }] })
}
