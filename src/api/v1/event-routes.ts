/** A connector's life as it happens: GET /v1/connectors/:id/events, as server-sent events. Tells states and counts, never a record. */
import { Router } from 'express'
import type { Connectors, ConnectorView } from '../../connectors/index.js'
import { NodeError, toNodeError } from '../../errors.js'
import { inSnakeCase } from '../../lib/snake-case.js'
import type { Jobs, ProgressEvent } from '../../jobs/index.js'
import { requireScope, type Principal, type TenantAuthenticator } from '../authentication/principal.js'
import { openEventStream, type EventStream } from '../http/event-stream.js'
import { connectorJson, time } from './connector-json.js'

export interface EventRouteDeps {
  readonly connectors: Pick<Connectors, 'get'>
  readonly jobs: Pick<Jobs, 'progressOf'>
  readonly authenticate: TenantAuthenticator
  /** How often the connector is read again; shorter in tests. */
  readonly lookMs?: number
}

export interface EventRoutes {
  readonly router: Router
  /** Ends every stream: a server that closes waits for them. */
  close(): void
}

/** Open at once, of one tenant and in all. */
const PER_TENANT = 20
const IN_ALL = 500
const LOOK_MS = 10_000
/** A reader connects again by itself, and proves again who it is. */
const LONGEST_MS = 15 * 60_000

export function eventRoutes(deps: EventRouteDeps): EventRoutes {
  const { connectors, authenticate } = deps
  /** Every open stream with its tenant. */
  const open = new Map<EventStream, string>()
  const router = Router()
  router.get('/v1/connectors/:id/events', async (req, res) => {
    const caller = await authenticate(req)
    requireScope(caller, 'connectors:read')
    const connector = await connectors.get(caller, req.params.id)
    const ofTenant = [...open.values()].filter((tenant) => tenant === caller.tenant).length
    if (ofTenant >= PER_TENANT || open.size >= IN_ALL)
      throw new NodeError('TOO_MANY_REQUESTS', { retryAfterMs: LOOK_MS })
    const stream = openEventStream(res)
    if (req.method === 'HEAD') return stream.end()
    open.set(stream, caller.tenant)
    const stop = follow(deps, caller, connector, stream)
    res.once('close', () => {
      stop()
      open.delete(stream)
    })
  })
  return {
    router,
    close() {
      for (const stream of open.keys()) stream.end()
    },
  }
}

/** Gives the function that ends it. */
function follow(
  { connectors, jobs, lookMs = LOOK_MS }: EventRouteDeps,
  caller: Principal,
  connector: ConnectorView,
  stream: EventStream,
): () => void {
  const feed = jobs.progressOf(connector.id)
  const tell = (event: ProgressEvent): void => stream.send('sync', eventJson(event), event.sequence)
  let shown = ''
  function show(view: ConnectorView): void {
    const content = connectorJson(view)
    const text = JSON.stringify(content)
    if (text === shown) return stream.beat()
    shown = text
    stream.send('connector', content)
  }
  // Runs of other processes show in the row only; and a connector that is gone has nothing more to tell.
  async function look(): Promise<void> {
    try {
      show(await connectors.get(caller, connector.id))
    } catch (error) {
      const { code } = toNodeError(error)
      if (code !== 'CONNECTOR_UNKNOWN') return stream.beat()
      stream.send('gone', {})
      stream.end()
    }
  }

  show(connector)
  const latest = feed.latest()
  if (latest !== undefined) tell(latest)
  const unfollow = feed.follow((event) => {
    tell(event)
    if (event.kind !== 'progress') void look()
  })
  const looking = setInterval(() => void look(), lookMs)
  const ending = setTimeout(() => stream.end(), LONGEST_MS)
  return () => {
    unfollow()
    clearInterval(looking)
    clearTimeout(ending)
  }
}

const eventJson = ({ kind, atMs, facts }: ProgressEvent): object => ({
  ...Object.fromEntries(Object.entries(facts).map(memberJson)),
  kind,
  at: time(atMs),
})

/** As everywhere in /v1: names in snake case, times as RFC 3339. */
function memberJson([name, value]: [string, unknown]): [string, unknown] {
  const isTime = name.endsWith('AtMs') && typeof value === 'number'
  return isTime ? [inSnakeCase(name.slice(0, -2)), time(value)] : [inSnakeCase(name), value]
}
