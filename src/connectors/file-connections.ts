/** Connections whose files are listed on a schedule: connectors of a provider with files, and what they want of them. */
import {
  connectors,
  fileConnections,
  files,
  syncLogs,
  type FileConnection,
  type FileConnectionChanges,
  type FileRow,
  type FileTotals,
  type ScopedTx,
  type SyncLog,
} from '../store/index.js'
import type { Did } from '../lib/did.js'
import type { Provider } from '../provider/index.js'
import { updateConnector } from './change-connector.js'
import { found, typeOf } from './check-request.js'
import { createConnector } from './create-connector.js'
import { fileTypeFaults } from './file-selection.js'
import { tokenStateOf, type TokenState } from './health.js'
import { invalid, invalidFields } from './invalid.js'
import type { Caller, ConnectorPorts } from './ports.js'
import type { TestResult } from './test-credentials.js'

export interface FileCaller extends Caller {
  /** A person sees their own connections; an application all of its tenant. */
  readonly ownOnly: boolean
}

/** Members left out stay as they are, or get their default. */
export interface FileWishes {
  readonly name?: string | undefined
  readonly authKind?: string | undefined
  /** Credentials, by the form of the catalog. */
  readonly endpointConfig?: unknown
  readonly syncFrequency?: string | undefined
  readonly enabled?: boolean | undefined
  readonly fileContentMaxBytes?: number | null | undefined
  readonly facts: FileConnectionChanges
}

export interface NewFileConnection extends FileWishes {
  /** A provider's id; with hyphens or underscores. */
  readonly endpointType: string
  /** As `NewConnectorRequest` has it. */
  readonly ownerDid?: Did | undefined
}

export type TokenStatus = 'Valid' | 'Expired' | 'No Token'

export interface FileConnectionState {
  readonly connection: FileConnection
  readonly tokenStatus: TokenStatus
  readonly tokenExpiresAtMs: number | null
  readonly totals: Omit<FileTotals, 'endpointId'>
}

type Page = Omit<fileConnections.FileConnectionPage, 'tenant' | 'userId'>
type Files = Omit<files.FilePage, 'userId'>
type Logs = Omit<Parameters<typeof syncLogs.list>[1], 'connectorId'>

/** Another's connection is CONNECTOR_UNKNOWN, exactly as one that never was. */
export interface FileConnections {
  /** Tested first, and run at once, when it comes with credentials. @throws NodeError as `Connectors.create` */
  add(caller: FileCaller, request: NewFileConnection): Promise<FileConnection>
  list(caller: FileCaller, page: Page): Promise<readonly FileConnection[]>
  get(caller: FileCaller, id: string): Promise<FileConnection>
  /** @throws NodeError as `Connectors.update`, TOKEN_REVOKED when what is not connected is enabled or disabled */
  update(caller: FileCaller, id: string, wishes: FileWishes): Promise<FileConnection>
  test(caller: FileCaller, id: string): Promise<TestResult>
  /** @throws NodeError as `Connectors.syncNow` */
  sync(caller: FileCaller, id: string): Promise<{ readonly jobId: string }>
  files(caller: FileCaller, page: Files): Promise<readonly FileRow[]>
  logs(caller: FileCaller, id: string, page: Logs): Promise<readonly SyncLog[]>
  /** `undefined`: of every tenant. */
  status(caller: FileCaller | undefined, page: Page): Promise<readonly FileConnectionState[]>
}

/** What can be done with any connector (index.ts). */
export interface ConnectorActions {
  test(caller: Caller, id: string): Promise<TestResult>
  pause(caller: Caller, id: string): Promise<unknown>
  resume(caller: Caller, id: string): Promise<unknown>
  syncNow(caller: Caller, id: string): Promise<{ readonly jobId: string }>
}

/** As the seed has them. */
const DEFAULTS = {
  projectId: '',
  description: null,
  fileTypes: ['*'],
  maxFilesPerSync: 1_000,
  tags: [],
} as const
const DEFAULT_FREQUENCY = 'every 5 minutes'

export function createFileConnections(ports: ConnectorPorts, plain: ConnectorActions): FileConnections {
  const { store, catalog } = ports
  const own = async (tx: ScopedTx, { ownOnly, subject }: FileCaller, id: string): Promise<FileConnection> => {
    const connection = found(await fileConnections.get(tx, id))
    return found(ownOnly && connection.userId !== subject ? undefined : connection)
  }
  const get: FileConnections['get'] = (caller, id) => store.tenant(caller.tenant, (tx) => own(tx, caller, id))
  return {
    get,
    async add(caller, { endpointType, facts, enabled, ...wishes }) {
      checkTypes(facts)
      const type = endpointType.replaceAll('_', '-')
      const streams = fileStreams(typeOf(catalog, type, wishes.authKind).provider)
      const { id } = await createConnector(
        ports,
        caller,
        {
          type,
          streams,
          activate: enabled,
          ownerDid: wishes.ownerDid,
          fileContentMaxBytes: wishes.fileContentMaxBytes,
          displayName: wishes.name,
          authKind: wishes.authKind,
          config: wishes.endpointConfig,
          syncFrequency: wishes.syncFrequency ?? DEFAULT_FREQUENCY,
        },
        {
          alongside: (tx, connector) =>
            fileConnections.create(
              tx,
              { connectorId: connector.id, tenant: connector.tenant },
              { ...DEFAULTS, ...facts },
            ),
        },
      )
      return get(caller, id)
    },
    list: (caller, page) => store.tenant(caller.tenant, (tx) => fileConnections.list(tx, of(caller, page))),
    async update(caller, id, { facts, enabled, ...wishes }) {
      checkTypes(facts)
      const { status } = await get(caller, id)
      await updateConnector(
        ports,
        caller,
        id,
        {
          displayName: wishes.name,
          authKind: wishes.authKind,
          config: wishes.endpointConfig,
          syncFrequency: wishes.syncFrequency,
          fileContentMaxBytes: wishes.fileContentMaxBytes,
        },
        { alongside: (tx) => fileConnections.update(tx, id, facts) },
      )
      if (enabled === false && status !== 'paused') await plain.pause(caller, id)
      if (enabled === true && status !== 'active') await plain.resume(caller, id)
      return get(caller, id)
    },
    async test(caller, id) {
      await get(caller, id)
      return plain.test(caller, id)
    },
    async sync(caller, id) {
      await get(caller, id)
      return plain.syncNow(caller, id)
    },
    files: (caller, page) =>
      store.tenant(caller.tenant, async (tx) => {
        if (page.connectionId !== undefined) await own(tx, caller, page.connectionId)
        return files.list(tx, { ...page, userId: caller.ownOnly ? caller.subject : undefined })
      }),
    logs: (caller, id, page) =>
      store.tenant(caller.tenant, async (tx) => {
        await own(tx, caller, id)
        return syncLogs.list(tx, { ...page, connectorId: id })
      }),
    status(caller, page) {
      const read = (tx: ScopedTx): Promise<readonly FileConnectionState[]> =>
        statesOf(tx, ports, caller === undefined ? page : of(caller, page))
      return caller === undefined ? store.node(read) : store.tenant(caller.tenant, read)
    },
  }
}

const of = ({ tenant, subject, ownOnly }: FileCaller, page: Page): fileConnections.FileConnectionPage => ({
  ...page,
  tenant,
  ...(ownOnly && { userId: subject }),
})

function checkTypes({ fileTypes = [] }: FileConnectionChanges): void {
  const faults = fileTypeFaults(fileTypes)
  if (faults.length > 0) throw invalidFields(faults)
}

/** @throws NodeError REQUEST_INVALID when the provider has none */
function fileStreams({ streams }: Provider): readonly string[] {
  const names = streams.filter(({ schema }) => schema === 'file').map(({ name }) => name)
  if (names.length === 0) throw invalid('connector_type', 'has no files')
  return names
}

const NO_FILES = { totalFiles: 0, totalSize: 0, latestUpdate: null }

async function statesOf(
  tx: ScopedTx,
  ports: ConnectorPorts,
  page: fileConnections.FileConnectionPage,
): Promise<readonly FileConnectionState[]> {
  const rows = await fileConnections.list(tx, page)
  const totals = await files.totals(
    tx,
    rows.map(({ id }) => id),
  )
  const states: FileConnectionState[] = []
  for (const connection of rows) {
    const connector = await connectors.get(tx, connection.id)
    if (connector === undefined) continue
    const { state, expiresAtMs } = await tokenStateOf(tx, ports, connector)
    const { totalFiles, totalSize, latestUpdate } = totals.get(connection.id) ?? NO_FILES
    states.push({
      connection,
      tokenStatus: TOKEN_STATUS[state],
      tokenExpiresAtMs: expiresAtMs,
      totals: { totalFiles, totalSize, latestUpdate },
    })
  }
  return states
}

/** What is renewed at its next use is as good as valid. */
const TOKEN_STATUS: Readonly<Record<TokenState, TokenStatus>> = {
  missing: 'No Token',
  valid: 'Valid',
  renewable: 'Valid',
  expired: 'Expired',
  refused: 'Expired',
  unreadable: 'No Token',
}
