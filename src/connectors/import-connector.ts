/** Takes a connector over from another system: made, tested and sealed like a new one, and once however often it is asked for. */
import { NodeError } from '../errors.js'
import { sha256 } from '../lib/keyed-hash.js'
import { connectors } from '../store/index.js'
import { authOf, checkWishes, typeOf } from './check-request.js'
import { createConnector, type NewConnectorRequest } from './create-connector.js'
import { readCredentials } from './credential-form.js'
import type { Caller, ConnectorPorts } from './ports.js'

export interface ImportedConnector {
  readonly id: string
  /** `false`: an earlier import made it, and nothing was done. */
  readonly made: boolean
}

/** What import needs of the ports: nothing runs, nobody is sent anywhere. */
export type ImportPorts = Pick<
  ConnectorPorts,
  'store' | 'ring' | 'journal' | 'catalog' | 'clock' | 'log' | 'outbound' | 'nextRun' | 'shortestGapMs'
>

/** `origin`: what makes this connector the same one when it comes again; its id follows from it. */
export async function importConnector(
  ports: ImportPorts,
  caller: Caller,
  request: NewConnectorRequest,
  origin: readonly string[],
): Promise<ImportedConnector> {
  const id = idOf([caller.tenant, ...origin])
  const there = await ports.store.tenant(caller.tenant, (tx) => connectors.get(tx, id))
  if (there !== undefined) return { id, made: false }
  await createConnector({ ...ports, ...NOWHERE }, caller, request, { id })
  return { id, made: true }
}

/** Everything that can be told without asking the provider. @throws NodeError REQUEST_INVALID, PROVIDER_NOT_CONFIGURED */
export function checkImport(ports: ImportPorts, request: NewConnectorRequest): void {
  const { provider, settings } = typeOf(ports.catalog, request.type, request.authKind)
  checkWishes(ports, provider, request, {})
  const auth = authOf(provider, request.authKind)
  readCredentials(request.config, { auth, settings, nowMs: ports.clock.now() })
}

const NOWHERE: Omit<ConnectorPorts, keyof ImportPorts> = {
  publicUrl: '',
  // What is moved here was made before the limit.
  mostConnectors: Infinity,
  redirectOrigins: [],
  jobs: {
    enqueueSync: () => Promise.reject(new NodeError('INTERNAL', { detail: 'an import starts no sync' })),
    unschedule: () => Promise.resolve(),
  },
}

/** RFC 9562 version 8: a UUID of our own making. */
function idOf(origin: readonly string[]): string {
  const bytes = sha256(JSON.stringify(['cn/import/1', ...origin])).subarray(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
