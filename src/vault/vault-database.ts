/** One database during a run: its keys, what is known of its documents, what is staged of the present slice. Sends and judges nothing itself. */
import type { SchemaUri } from '../sync/record.js'
import { createSealedBox } from './sealed-box.js'
import { alignNodes, type NodeLeaves } from './align-nodes.js'
import { headId } from './chain-heads.js'
import type { DatabaseLine } from './database-line.js'
import { documentId } from './document-id.js'
import { createEnvelope, type Envelope } from './envelope.js'
import type { KeptLeaves } from './kept-leaves.js'
import { databaseKeys, type DatabaseKeys } from './keys.js'
import type { Opened } from './open-targets.js'
import { leavesOf } from './read-leaves.js'
import { carriedLeaf, type LeafRev } from './rev.js'
import { stateOf, type DatabaseState } from './state-root.js'
import { stagedBytes, type StagedDocument } from './staged-document.js'
import type { Staging } from './staging.js'
import type { StagingArea } from './staging-area.js'
import { gravestFault, type Target } from './target.js'
import { Tee } from './tee.js'
import { WinnerMap } from './winners.js'

export interface VaultDatabaseFacts {
  readonly line: DatabaseLine
  readonly targets: readonly Target[]
  readonly opened: Opened
  readonly carried: KeptLeaves
  readonly connectionId: string
  readonly leaseNumber: number
  readonly area: StagingArea
  readonly scanLimit: number
  /** Storage nodes do not hold what the last receipt states. */
  readonly isLost: boolean
}

export class VaultDatabase {
  readonly line: DatabaseLine
  readonly targets: readonly Target[]
  readonly envelope: Envelope
  readonly headId: string
  /** Leaves of the document with the head of the receipt chain. */
  headLeaves: readonly LeafRev[] = []
  /** Everything staged since the last proof; missing while nothing is. */
  staging: Staging | undefined
  /** What was noticed and mended since the last proof. */
  notes: string[] = []
  readonly #facts: VaultDatabaseFacts
  readonly #keys: DatabaseKeys
  readonly #winners = new WinnerMap()
  readonly #tee: Tee
  #paged: boolean

  constructor(facts: VaultDatabaseFacts) {
    const { line, targets, opened } = facts
    this.#facts = facts
    this.line = line
    this.targets = targets
    this.envelope = createEnvelope(line.key)
    this.headId = headId(line.idKey)
    this.#keys = databaseKeys(line.key)
    this.#tee = new Tee(targets)
    this.#paged = opened.kind === 'paged'
    this.notes.push(...opened.notes)
    if (opened.kind === 'whole') this.take(opened.leaves)
  }

  get name(): string {
    return this.line.name
  }
  get schema(): SchemaUri {
    return this.line.of.schema
  }
  get revKey(): Buffer {
    return this.#keys.revKey
  }
  /** Generation of a document that has no leaf and none carried over. */
  get generationFloor(): number | undefined {
    return this.#facts.carried.generationFloor
  }
  /** Storage nodes do not hold what the last receipt states. */
  get isLost(): boolean {
    return this.#facts.isLost
  }
  /** Rows that may be read at once. */
  get scanLimit(): number {
    return this.#facts.scanLimit
  }
  /** Too many documents for memory: leaves are read page by page. */
  get isPaged(): boolean {
    return this.#paged
  }

  documentId(stream: string, sourceId: string): string {
    return documentId(this.line.idKey, stream, sourceId)
  }

  box(purpose: 'cursor' | 'quarantine') {
    const { cursorKey, quarantineKey } = this.#keys
    return createSealedBox(purpose === 'cursor' ? cursorKey : quarantineKey, [this.name, purpose])
  }

  /** Whether it has any document, deleted ones too: the owner must be told of deletions. */
  get hasDocuments(): boolean {
    return this.#paged || this.#winners.size > 0
  }

  /** Makes the leaves of these documents known. @throws NodeError when no storage node can say */
  async know(ids: readonly string[]): Promise<void> {
    if (!this.#paged) return
    const unknown = [...new Set(ids)].filter((id) => !this.#winners.has(id))
    if (unknown.length === 0) return
    const lists = await Promise.all(
      this.targets.map(async (target): Promise<NodeLeaves | undefined> => {
        if (target.fault !== undefined) return undefined
        const rows = await target.attempt(() => leavesOf(target.couch, unknown))
        return rows === undefined ? undefined : { target, rows }
      }),
    )
    const read = lists.filter((list) => list !== undefined)
    if (read.length === 0) throw gravestFault(this.targets)
    const { leaves } = await alignNodes(read)
    for (const id of unknown) this.takeOne(id, leaves.get(id) ?? [])
  }

  /** What a document is to be written on. */
  leaves(id: string): readonly LeafRev[] {
    const known = this.#winners.leaves(id)
    const carried = known.length === 0 ? this.#facts.carried.revs.get(id) : undefined
    return carried === undefined ? known : [carriedLeaf(carried)]
  }

  /** Records what was sealed by a plan made from `leaves(id)`. */
  apply(...[id, plan]: Parameters<WinnerMap['apply']>): void {
    this.#winners.apply(id, plan)
  }

  /** Makes documents durable here, then sends them on behind. @throws NodeError DISK_FULL, STORAGE_UNREACHABLE */
  async stage(documents: readonly StagedDocument[]): Promise<number> {
    if (documents.length === 0) return 0
    const { area, connectionId, leaseNumber } = this.#facts
    const bytes = documents.reduce((sum, document) => sum + stagedBytes(document), 0)
    this.staging ??= await area.create({
      connectionId,
      leaseNumber,
      database: this.name,
      nodes: this.targets.map(({ url }) => url),
    })
    area.reserve(this.staging, bytes)
    await this.staging.add(documents)
    await this.#tee.add(documents)
    return bytes
  }

  /** Everything sent and answered, or failed. */
  flush(): Promise<void> {
    return this.#tee.flush()
  }

  /** Takes leaves that were read again; documents of this slice stay as they were written. */
  take(leaves: ReadonlyMap<string, readonly LeafRev[]>): void {
    for (const [id, found] of leaves) this.takeOne(id, found)
  }

  /** Everything written so far was proven. */
  settle(): void {
    this.#winners.settle()
    if (this.#winners.size > this.#facts.scanLimit) this.#paged = true
    if (this.#paged) this.#winners.clear()
  }

  /** The state of the whole database; only while it is not paged. */
  state(): DatabaseState {
    return stateOf(this.#winners)
  }

  async close(): Promise<void> {
    await this.#tee.flush()
    await this.staging?.close()
  }

  private takeOne(id: string, leaves: readonly LeafRev[]): void {
    if (id === this.headId) this.headLeaves = leaves
    else this.#winners.load(id, leaves)
  }
}
