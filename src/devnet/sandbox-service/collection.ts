/** One list of one person: generated items with the changes made since on top. Holds only what changed. */
import type { JsonObject } from '../../lib/canonical-json.js'
import type { Generated, Item } from './content/item.js'

/** One change of a list. The numbers of a list's changes follow on the numbers of its first items. */
export interface Change {
  readonly id: string
  /** The whole item after the change; null when it was deleted. */
  readonly item: Item | null
}

/** A row of the change feed: the newest change of one item. */
export type FeedRow = { readonly item: Item } | { readonly deletedId: string }

export interface Slice<Row> {
  readonly rows: readonly Row[]
  /** Where the next slice begins. */
  readonly position: number
  /** Whether there is anything behind `position`. */
  readonly more: boolean
}

export class Collection {
  /** The number of the newest change of every changed item. */
  private readonly newest = new Map<string, number>()
  /** Ids that came after the first ones, in order. */
  private readonly added: string[] = []

  constructor(
    private readonly generated: Generated,
    private readonly changes: Change[],
  ) {
    changes.forEach((change, at) => this.note(change.id, at))
  }

  /** The number of the newest change. */
  get sequence(): number {
    return this.generated.size + this.changes.length
  }

  get liveCount(): number {
    let gone = 0
    for (const at of this.newest.values()) if (this.changes[at]?.item === null) gone++
    return this.generated.size + this.added.length - gone
  }

  get(id: string): Item | undefined {
    const at = this.newest.get(id)
    if (at !== undefined) return this.changes[at]?.item ?? undefined
    const index = this.generated.indexOf(id)
    return index === undefined || index >= this.generated.size ? undefined : this.generated.at(index)
  }

  /** Changes members of an item; the result is the item, or undefined when there is none. */
  edit(id: string, members: JsonObject, at: Date): Item | undefined {
    const item = this.get(id)
    return item && this.put({ ...item, ...this.touch(at), ...members, id })
  }

  /** Adds an item of the same kind as the others, with the members given. */
  add(members: JsonObject, at: Date): Item {
    const made = this.generated.at(this.generated.size + this.added.length)
    return this.put({ ...made, createdAt: at.toISOString(), ...this.touch(at), ...members, id: made.id })
  }

  remove(id: string): boolean {
    if (!this.get(id)) return false
    this.changes.push({ id, item: null })
    this.note(id, this.changes.length - 1)
    return true
  }

  /** What changed after `position`, oldest change first; an item appears once, at its newest change. */
  feed(position: number, limit: number): Slice<FeedRow> {
    const rows: FeedRow[] = []
    let at = position
    while (at < this.sequence && rows.length < limit) {
      const row = this.feedRow(at++)
      if (row) rows.push(row)
    }
    return { rows, position: at, more: at < this.sequence }
  }

  /** What is there now, in an order that later changes do not disturb. */
  live(position: number, limit: number): Slice<Item> {
    const end = this.generated.size + this.added.length
    const rows: Item[] = []
    let at = position
    while (at < end && rows.length < limit) {
      const item = this.liveRow(at++)
      if (item) rows.push(item)
    }
    return { rows, position: at, more: at < end }
  }

  private feedRow(at: number): FeedRow | undefined {
    if (at < this.generated.size) {
      const item = this.generated.at(at)
      return this.newest.has(item.id) ? undefined : { item }
    }
    const number = at - this.generated.size
    const change = this.changes[number]
    if (!change || this.newest.get(change.id) !== number) return undefined
    return change.item ? { item: change.item } : { deletedId: change.id }
  }

  private liveRow(at: number): Item | undefined {
    if (at < this.generated.size) {
      const item = this.generated.at(at)
      return this.newest.has(item.id) ? this.get(item.id) : item
    }
    const id = this.added[at - this.generated.size]
    return id === undefined ? undefined : this.get(id)
  }

  private put(item: Item): Item {
    this.changes.push({ id: item.id, item })
    this.note(item.id, this.changes.length - 1)
    return item
  }

  private note(id: string, at: number): void {
    const index = this.generated.indexOf(id)
    if (!this.newest.has(id) && index !== undefined && index >= this.generated.size) this.added.push(id)
    this.newest.set(id, at)
  }

  private touch(at: Date): JsonObject {
    return this.generated.touched === undefined ? {} : { [this.generated.touched]: at.toISOString() }
  }
}
