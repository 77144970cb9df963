/** One sync's hold on the vault destination: writes pages, proves slices, erases what is proven. Opened by vault-destination.ts. */
import { NodeError } from '../errors.js'
import type {
  ChainHead,
  DestinationRun,
  GrantedDatabase,
  OwnerRunContext,
  SealedBox,
  WriteCounts,
} from '../sync/destination.js'
import type { SchemaUri, ValidPage } from '../sync/record.js'
import type { DestinationPorts } from './destination-ports.js'
import { release } from './erase.js'
import { finishLeftovers } from './leftovers.js'
import { proveSlice } from './prove-slice.js'
import { publishHead } from './publish-head.js'
import { sealPage } from './seal-page.js'
import type { VaultDatabase } from './vault-database.js'
import type { VaultProof } from './verify.js'

export interface FoundAtOpening {
  /** Databases of the connection that this run does not write to. */
  readonly others: Readonly<Record<SchemaUri, GrantedDatabase>>
  /** How many stagings of former runs had to stay. */
  readonly leftovers: number
}

export class VaultRun implements DestinationRun<VaultProof> {
  readonly #ports: DestinationPorts
  readonly #run: OwnerRunContext
  readonly #databases: ReadonlyMap<SchemaUri, VaultDatabase>
  readonly #others: Readonly<Record<SchemaUri, GrantedDatabase>>
  #leftovers: number

  constructor(
    ports: DestinationPorts,
    run: OwnerRunContext,
    databases: readonly VaultDatabase[],
    { others, leftovers }: FoundAtOpening,
  ) {
    this.#ports = ports
    this.#run = run
    this.#databases = new Map(databases.map((database) => [database.schema, database]))
    this.#others = others
    this.#leftovers = leftovers
  }

  database(schema: SchemaUri): string {
    return this.of(schema).name
  }

  documentId(schema: SchemaUri, stream: string, sourceId: string): string {
    return this.of(schema).documentId(stream, sourceId)
  }

  box(schema: SchemaUri, purpose: 'cursor' | 'quarantine'): SealedBox {
    return this.of(schema).box(purpose)
  }

  isLost(schema: SchemaUri): boolean {
    return this.of(schema).isLost
  }

  async write(page: ValidPage): Promise<WriteCounts> {
    this.#run.signal.throwIfAborted()
    const database = this.of(page.schema)
    const sign = await this.#ports.recordSigner?.()
    const counts = { written: 0, unchanged: 0, deleted: 0, bytes: 0 }
    for await (const part of sealPage(database, page, { leaseNumber: this.#run.leaseNumber, sign })) {
      counts.written += part.written
      counts.unchanged += part.unchanged
      counts.deleted += part.deleted
      counts.bytes += await database.stage(part.documents)
    }
    return counts
  }

  async prove({ final }: { readonly final: boolean }): Promise<VaultProof> {
    const { owner, signal } = this.#run
    return proveSlice(this.#ports, this.databases(), { owner, final, signal })
  }

  async release(proof: VaultProof): Promise<void> {
    const erased = await release(this.#ports.area, proof)
    const gone = new Set(proof.stagings())
    for (const database of this.databases()) {
      if (database.staging !== undefined && gone.has(database.staging)) database.staging = undefined
      database.notes = []
    }
    if (erased > 0) this.#ports.log.info('staging.erased', { connection: this.#run.connectionId, erased })
    // The storage node that did not play its part at the opening has just been seen to.
    if (this.#leftovers > 0) await this.finishLeftovers()
  }

  private async finishLeftovers(): Promise<void> {
    const rows = await this.#ports.rows.list(this.#run.connectionId)
    this.#leftovers = (await finishLeftovers(this.#ports, this.#run, rows)).kept
  }

  async publishHeads(heads: readonly ChainHead[]): Promise<void> {
    await Promise.all(
      heads.map(async ({ database: name, ...head }) => {
        const database = this.databases().find((candidate) => candidate.name === name)
        if (database !== undefined) await publishHead(database, this.#run.leaseNumber, head)
      }),
    )
  }

  granted(): Readonly<Record<SchemaUri, GrantedDatabase>> {
    const opened = this.databases().filter(({ hasDocuments }) => hasDocuments)
    const entries = opened.map(
      ({ schema, name, line }) =>
        [schema, { databaseName: name, encryptionKey: line.key.toString('hex') }] as const,
    )
    return { ...this.#others, ...Object.fromEntries(entries) }
  }

  async close(): Promise<void> {
    await Promise.all(this.databases().map((database) => database.close()))
  }

  private databases(): readonly VaultDatabase[] {
    return [...this.#databases.values()]
  }

  private of(schema: SchemaUri): VaultDatabase {
    const database = this.#databases.get(schema)
    if (database === undefined)
      throw new NodeError('INTERNAL', { detail: `${schema} is not part of this run` })
    return database
  }
}
