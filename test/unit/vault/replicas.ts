/** A node's runs on real databases, and the readers of them: both versions of PouchDB, whole and as the Vault pulls. */
import type { JsonObject } from '../../../src/lib/canonical-json.js'
import { planDelete, planWrite } from '../../../src/vault/revision.js'
import { stagedDocument, type StagedDocument } from '../../../src/vault/staged-document.js'
import type { LeafRev } from '../../../src/vault/rev.js'
import { WinnerMap } from '../../../src/vault/winners.js'
import { memoryDatabase, type Pouch } from '../../support/pouch.js'

export const REV_KEY = Buffer.alloc(32, 3)

/** A database in memory. */
export function database(version: 7 | 9 = 9): Pouch {
  const { name, open } = memoryDatabase(version)
  return open(name)
}

/** One run of the node: it knows leaves, and gives out what it would send. */
export class Run {
  readonly winners = new WinnerMap()

  constructor(readonly lease: number) {}

  /** Takes the leaves of every storage node. */
  async read(...nodes: readonly Pouch[]): Promise<this> {
    const leaves = new Map<string, Map<string, LeafRev>>()
    for (const node of nodes) {
      for (const [id, found] of await leavesOf(node)) {
        const known = leaves.get(id) ?? new Map<string, LeafRev>()
        for (const leaf of found) known.set(leaf.rev, leaf)
        leaves.set(id, known)
      }
    }
    for (const [id, found] of leaves) this.winners.load(id, [...found.values()])
    return this
  }

  /** What is sent for a record; nothing when it is unchanged. */
  write(id: string, record: JsonObject, generationFloor?: number): StagedDocument[] {
    const floor = generationFloor === undefined ? {} : { generationFloor }
    const leaves = this.winners.leaves(id)
    const plan = planWrite({ id, record, leaves, lease: this.lease, revKey: REV_KEY, ...floor })
    this.winners.apply(id, plan)
    const ends = plan.tombstones.map((tombstone) => stagedDocument(id, tombstone))
    return plan.kind === 'write' ? [stagedDocument(id, plan, JSON.stringify(record)), ...ends] : ends
  }

  delete(id: string): StagedDocument[] {
    const plan = planDelete({ id, leaves: this.winners.leaves(id), lease: this.lease, revKey: REV_KEY })
    this.winners.apply(id, plan)
    return plan.kind === 'delete' ? plan.tombstones.map((tombstone) => stagedDocument(id, tombstone)) : []
  }
}

/** Every leaf of every document, deleted ones too; the winner first, as a database lists them. */
export async function leavesOf(node: Pouch): Promise<Map<string, LeafRev[]>> {
  const { results } = await node.changes({ style: 'all_docs' })
  const leaves = new Map<string, LeafRev[]>()
  for (const { id, changes } of results) {
    const found = await node.get(id, { open_revs: changes.map(({ rev }) => rev) })
    const rows = found as unknown as readonly {
      readonly ok: { readonly _rev: string; readonly _deleted?: true }
    }[]
    leaves.set(
      id,
      rows.map(({ ok }) => ({ rev: ok._rev, deleted: ok._deleted === true })),
    )
  }
  return leaves
}

/** Stores documents as they are. */
export async function store(node: Pouch, documents: readonly StagedDocument[]): Promise<void> {
  const refused = await node.bulkDocs(documents as never, { new_edits: false })
  if (refused.length > 0) throw new Error(`${refused.length} documents were refused`)
}

/** What a reader shows of a document, and how many more live revisions it has. */
export interface Shown {
  readonly record: unknown
  readonly conflicts: number
}

/** Everything that a database shows, by document id. */
export async function shownBy(reader: Pouch): Promise<ReadonlyMap<string, Shown>> {
  const { rows } = await reader.allDocs({ include_docs: true, conflicts: true })
  return new Map(
    rows.map(({ id, doc }) => {
      const { payload, _conflicts } = doc as unknown as { payload: string; _conflicts?: readonly string[] }
      return [id, { record: JSON.parse(payload) as unknown, conflicts: _conflicts?.length ?? 0 }]
    }),
  )
}

/** Pulls from a storage node, each in its own way. */
export interface Reader {
  readonly name: string
  pull(node: Pouch): Promise<ReadonlyMap<string, Shown>>
}

/** PouchDB 9; PouchDB 7; and the Vault: by PouchDB 7 into a copy of the node, and from there into its own database. */
export function readers(): readonly Reader[] {
  const nine = database(9)
  const seven = database(7)
  const copy = database(7)
  const own = database(7)
  return [
    {
      name: 'PouchDB 9',
      async pull(node) {
        await node.replicate.to(nine)
        return shownBy(nine)
      },
    },
    {
      name: 'PouchDB 7',
      async pull(node) {
        await node.replicate.to(seven)
        return shownBy(seven)
      },
    },
    {
      name: 'the Vault',
      async pull(node) {
        await node.replicate.to(copy)
        await copy.replicate.to(own, { style: 'main_only' })
        return shownBy(own)
      },
    },
  ]
}
