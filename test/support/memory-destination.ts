/** A destination in memory, for tests of the pipeline: what was sent outlives its runs, and every step can be made to fail. */
import { createHash, createHmac } from 'node:crypto'
import { NodeError } from '../../src/errors.js'
import { openBytes, sealBytes } from '../../src/lib/aead.js'
import { canonicalJson, type Json, type JsonObject } from '../../src/lib/canonical-json.js'
import type {
  ChainHead,
  DatabaseProof,
  DestinationRun,
  ProofFacts,
  SealedBox,
  WriteCounts,
} from '../../src/sync/destination.js'
import type { SchemaUri, ValidPage } from '../../src/sync/record.js'

/** Called when a step begins, and as `<step> done` when it ends; what it throws is thrown by the step. */
export type StepWatch = (step: string) => void

export class MemoryDestination {
  /** What the storage nodes hold: records by document id, by schema. */
  readonly remote = new Map<SchemaUri, Map<string, JsonObject>>()
  /** Documents that some proof has covered. */
  readonly proven = new Set<string>()
  readonly heads: ChainHead[] = []
  /** Schemas whose storage nodes lost what was proven. */
  readonly lost = new Set<SchemaUri>()
  watch: StepWatch = () => undefined
  readonly #key = Buffer.alloc(32, 7)

  constructor(private readonly connectionId: string) {}

  /** The name of a schema's database; unlike those of other connections. */
  database(schema: SchemaUri): string {
    return this.#hmac('database', this.connectionId, schema)
  }

  documentId(schema: SchemaUri, stream: string, sourceId: string): string {
    return this.#hmac('document', schema, stream, sourceId).slice(0, 32)
  }

  records(schema: SchemaUri): ReadonlyMap<string, JsonObject> {
    return this.#documents(schema)
  }

  box(schema: SchemaUri, purpose: string): SealedBox {
    const bound = (context: readonly string[]) => [this.database(schema), purpose, ...context]
    return {
      seal: (value: Json, context) =>
        sealBytes(this.#key, Buffer.from(canonicalJson(value)), bound(context)).toString('base64url'),
      open: (sealed, context) => {
        const bytes = openBytes(this.#key, Buffer.from(sealed, 'base64url'), bound(context))
        if (bytes === undefined) throw new NodeError('SEAL_FAILED')
        return JSON.parse(bytes.toString('utf8')) as Json
      },
    }
  }

  run(): DestinationRun {
    const slice = new Map<SchemaUri, Set<string>>()
    const step = async <T>(name: string, work: () => T): Promise<T> => {
      this.watch(name)
      const result = await Promise.resolve(work())
      this.watch(`${name} done`)
      return result
    }
    return {
      database: (schema) => this.database(schema),
      documentId: (schema, stream, sourceId) => this.documentId(schema, stream, sourceId),
      box: (schema, purpose) => this.box(schema, purpose),
      isLost: (schema) => this.lost.has(schema),
      write: (page) => step('write', () => this.#write(page, slice)),
      prove: ({ final }) => step(final ? 'prove all' : 'prove', () => this.#prove(slice, final)),
      publishHeads: (heads) => step('heads', () => void this.heads.push(...heads)),
      release: () => step('release', () => slice.clear()),
      granted: () =>
        Object.fromEntries(
          [...this.remote.keys()].map((schema) => [
            schema,
            { databaseName: this.database(schema), encryptionKey: '00'.repeat(32) },
          ]),
        ),
      close: () => Promise.resolve(),
    }
  }

  /** Sends at once: whatever comes later may fail while the storage nodes already hold it. */
  #write(page: ValidPage, slice: Map<SchemaUri, Set<string>>): WriteCounts {
    const documents = this.#documents(page.schema)
    const touched = slice.get(page.schema) ?? new Set<string>()
    slice.set(page.schema, touched)
    const counts = { written: 0, unchanged: 0, deleted: 0, bytes: 0 }
    for (const { sourceId, record } of page.records) {
      const id = this.documentId(page.schema, page.stream, sourceId)
      const kept = documents.get(id)
      if (kept !== undefined && canonicalJson(kept) === canonicalJson(record)) {
        counts.unchanged += 1
        continue
      }
      documents.set(id, record)
      touched.add(id)
      counts.written += 1
      counts.bytes += canonicalJson(record).length
    }
    const sourceIds = page.deletedSourceIds.map((id) => this.documentId(page.schema, page.stream, id))
    for (const id of [...sourceIds, ...page.deletedDocumentIds]) {
      if (!documents.delete(id)) continue
      touched.add(id)
      counts.deleted += 1
    }
    return counts
  }

  #prove(slice: Map<SchemaUri, Set<string>>, final: boolean): ProofFacts {
    for (const documents of this.remote.values()) for (const id of documents.keys()) this.proven.add(id)
    return { databases: [...this.remote.keys()].map((schema) => this.#proof(schema, slice, final)) }
  }

  #proof(schema: SchemaUri, slice: Map<SchemaUri, Set<string>>, final: boolean): DatabaseProof {
    const leaves = [...(slice.get(schema) ?? [])].sort()
    const state = [...this.#documents(schema)].sort()
    return {
      database: this.database(schema),
      schema,
      sliceRoot: digest(leaves),
      sliceLeaves: leaves.length,
      ...(final ? { state: { root: digest(state), liveCount: state.length } } : {}),
      nodes: [{ url: 'memory:', leaves: leaves.length, missing: 0, sampled: leaves.length }],
      notes: [],
    }
  }

  #documents(schema: SchemaUri): Map<string, JsonObject> {
    const documents = this.remote.get(schema) ?? new Map<string, JsonObject>()
    this.remote.set(schema, documents)
    return documents
  }

  #hmac(...parts: readonly string[]): string {
    return createHmac('sha256', this.#key).update(JSON.stringify(parts)).digest('hex')
  }
}

const digest = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex')
