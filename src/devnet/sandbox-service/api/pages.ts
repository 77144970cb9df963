/** Reads one page of a list: the rows as JSON text, and the position behind them. */
import type { Collection } from '../collection.js'
import type { Item } from '../content/item.js'

export type Position = readonly (number | string)[]

export interface ListPage {
  /** Each row as JSON text. */
  readonly rows: readonly string[]
  readonly position: Position
  readonly more: boolean
}

/** An item as JSON. Ids of digits only go out as numbers, as older services send them, whatever their size. */
export function itemJson(item: { readonly id: string }): string {
  const text = JSON.stringify(item)
  return /^\d+$/.test(item.id) ? text.replace(/^\{"id":"(\d+)"/, '{"id":$1') : text
}

const deletedJson = (id: string) => itemJson({ id, deleted: true } as { id: string })

/** A page of changes, oldest first: `[sequence]`. */
export function changesPage(list: Collection, position: Position, limit: number): ListPage {
  const slice = list.feed(Number(position[0] ?? 0), limit)
  const rows = slice.rows.map((row) => ('item' in row ? itemJson(row.item) : deletedJson(row.deletedId)))
  return { rows, position: [slice.position], more: slice.more }
}

/** A page of what is there now: `[position]`. */
export function livePage(list: Collection, position: Position, limit: number): ListPage {
  const slice = list.live(Number(position[0] ?? 0), limit)
  return { rows: slice.rows.map(itemJson), position: [slice.position], more: slice.more }
}

/**
 * A page of events. First everything that is there (`full`, place, number of changes at the start), then what changed
 * (`since`, number): changes made during the first reading come with the second.
 */
export function eventsPage(list: Collection, position: Position, limit: number): ListPage {
  const [mode = 'full', at = 0, start = list.sequence] = position
  if (mode === 'since') {
    const page = changesPage(list, [at], limit)
    return { ...page, position: ['since', ...page.position] }
  }
  const page = livePage(list, [at], limit)
  return { ...page, position: page.more ? ['full', ...page.position, start] : ['since', start] }
}

/** Files by time of change, so that a page is told by its last row: `[modifiedAt, id]`. Remembers the order until something changes. */
export class FileOrder {
  private sequence = -1
  private order: readonly { readonly at: string; readonly item: Item }[] = []

  constructor(private readonly list: Collection) {}

  page(since: string, position: Position, limit: number): ListPage {
    const [at = since, id = ''] = position.map(String)
    const order = this.read()
    const begin = order.findIndex((row) => row.at > at || (row.at === at && row.item.id > id))
    const rows = begin < 0 ? [] : order.slice(begin, begin + limit)
    const last = rows.at(-1)
    return {
      rows: rows.map((row) => itemJson(row.item)),
      position: last ? [last.at, last.item.id] : [at, id],
      more: begin >= 0 && begin + limit < order.length,
    }
  }

  private read(): typeof this.order {
    if (this.sequence === this.list.sequence) return this.order
    const { rows } = this.list.live(0, Infinity)
    this.sequence = this.list.sequence
    this.order = rows
      .map((item) => ({ at: typeof item['modifiedAt'] === 'string' ? item['modifiedAt'] : '', item }))
      .sort((a, b) => (a.at === b.at ? (a.item.id < b.item.id ? -1 : 1) : a.at < b.at ? -1 : 1))
    return this.order
  }
}
