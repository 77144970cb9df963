/** The databases of one server: which exist, who may use them, and which of them are open. Speaks no HTTP. */
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { EntryStore } from '../entry-store.js'
import type { DatabaseAccess } from './access.js'
import { CouchError, noDatabase } from './errors.js'
import { openPouch, type Pouch } from './pouch.js'

/** A database while it is in use. */
export interface OpenDatabase {
  readonly name: string
  readonly pouch: Pouch
  /** Waits for a write, the deletion of the database, or the signal. */
  changed(signal: AbortSignal): Promise<void>
  /** Called after every write, so that waiting change feeds wake. */
  notify(): void
  /** Deleted while in use. */
  readonly gone: boolean
  /** The server stops: nobody should wait any more. */
  readonly closing: boolean
}

interface Slot extends OpenDatabase {
  users: number
  gone: boolean
  closing: boolean
  /** PouchDB's adapter calls do not wait for it to open. */
  readonly ready: Promise<unknown>
  /** Wakes whoever waits for the last user to leave. */
  idle: (() => void) | undefined
}

/** Each open LevelDB holds a few megabytes: past this many, those nobody uses are closed. */
const MAX_OPEN = 48

/** @typeParam E what is kept beside each database's access rules. */
export class Databases<E extends DatabaseAccess = DatabaseAccess> {
  readonly #entries: EntryStore<E>
  readonly #folder: string | undefined
  /** Names in memory are shared by the whole process. */
  readonly #prefix = `memory-${randomUUID()}/`
  /** In order of last use. */
  readonly #open = new Map<string, Slot>()
  readonly #closing = new Map<string, Promise<unknown>>()

  /** Without a folder everything lives in memory. */
  constructor(folder: string | undefined) {
    this.#folder = folder
    this.#entries = new EntryStore<E>(folder === undefined ? undefined : join(folder, 'entries'))
  }

  /** @throws CouchError 404 */
  access(name: string): E {
    const entry = this.#entries.get(name)
    if (entry === undefined) throw noDatabase()
    return entry
  }

  find(name: string): E | undefined {
    return this.#entries.get(name)
  }

  list(): readonly (readonly [string, E])[] {
    return this.#entries.entries()
  }

  /** Bytes on disk; 0 in memory. */
  sizeOf(name: string): number {
    if (this.#folder === undefined) return 0
    const folder = this.location(name)
    const files = statSync(folder, { throwIfNoEntry: false }) === undefined ? [] : readdirSync(folder)
    return files
      .map((file) => statSync(join(folder, file), { throwIfNoEntry: false })?.size ?? 0)
      .reduce((sum, size) => sum + size, 0)
  }

  /** @throws CouchError 412 when it exists */
  async create(name: string, entry: E): Promise<void> {
    if (this.#entries.get(name) !== undefined) {
      throw new CouchError(412, 'file_exists', 'The database could not be created, the file already exists.')
    }
    await this.settled(name)
    // A crash between the two steps of a deletion leaves files without an entry.
    if (this.#folder !== undefined) rmSync(this.location(name), { recursive: true, force: true })
    this.#entries.set(name, entry)
  }

  setAccess(name: string, entry: E): void {
    this.access(name)
    this.#entries.set(name, entry)
  }

  /** Runs with the database open; it stays open until `run` is done. @throws CouchError 404 */
  async use<T>(name: string, run: (database: OpenDatabase) => Promise<T>): Promise<T> {
    await this.settled(name)
    this.access(name)
    const slot = this.#open.get(name) ?? this.opened(name)
    this.#open.delete(name)
    this.#open.set(name, slot)
    slot.users += 1
    try {
      await this.opening(slot)
      return await run(slot)
    } finally {
      slot.users -= 1
      if (slot.users === 0) slot.idle?.()
      await this.closeUnused()
    }
  }

  /** @throws CouchError 404 */
  async destroy(name: string): Promise<void> {
    await this.settled(name)
    this.access(name)
    this.#entries.delete(name)
    const slot = this.#open.get(name) ?? this.opened(name)
    slot.gone = true
    slot.notify()
    await this.leave(slot, () => slot.pouch.destroy())
  }

  /** Closes every database once its users are done, waking those that wait; what is stored stays. */
  async close(): Promise<void> {
    for (const slot of this.#open.values()) {
      slot.closing = true
      slot.notify()
    }
    await Promise.all([...this.#open.values()].map((slot) => this.leave(slot, () => this.park(slot))))
    await Promise.all(this.#closing.values())
  }

  /** Gives up what is in memory; files stay. */
  async discard(): Promise<void> {
    if (this.#folder === undefined) await Promise.all(this.list().map(([name]) => this.destroy(name)))
  }

  private opened(name: string): Slot {
    const waiting = new Set<() => void>()
    const pouch = openPouch(this.location(name), this.#folder === undefined ? 'memory' : 'leveldb')
    const slot: Slot = {
      name,
      pouch,
      ready: pouch.info(),
      users: 0,
      gone: false,
      closing: false,
      idle: undefined,
      notify: () => waiting.forEach((wake) => wake()),
      changed: (signal) =>
        new Promise((resolve) => {
          const wake = (): void => {
            waiting.delete(wake)
            signal.removeEventListener('abort', wake)
            resolve()
          }
          waiting.add(wake)
          signal.addEventListener('abort', wake)
          if (signal.aborted) wake()
        }),
    }
    this.#open.set(name, slot)
    return slot
  }

  private async closeUnused(): Promise<void> {
    if (this.#folder === undefined || this.#open.size <= MAX_OPEN) return
    const unused = [...this.#open.values()].filter((slot) => slot.users === 0)
    await Promise.all(
      unused.slice(0, this.#open.size - MAX_OPEN).map((slot) => this.leave(slot, () => slot.pouch.close())),
    )
  }

  /** A database that does not open is tried again at its next use. */
  private async opening(slot: Slot): Promise<void> {
    try {
      await slot.ready
    } catch (thrown) {
      if (this.#open.get(slot.name) === slot) this.#open.delete(slot.name)
      throw thrown
    }
  }

  /** Waits until no earlier use of this name is being ended. */
  private async settled(name: string): Promise<void> {
    for (let ending = this.#closing.get(name); ending !== undefined; ending = this.#closing.get(name))
      await ending
  }

  /** PouchDB's memory adapter keeps what is in it under its name when it is closed. */
  private park(slot: Slot): Promise<unknown> {
    return this.#folder === undefined ? Promise.resolve() : slot.pouch.close()
  }

  /** Takes the database out of use, waits for its users, then ends it. */
  private leave(slot: Slot, end: () => Promise<unknown>): Promise<unknown> {
    this.#open.delete(slot.name)
    const left = slot.users === 0 ? Promise.resolve() : new Promise<void>((resolve) => (slot.idle = resolve))
    const done = left.then(end).finally(() => this.#closing.delete(slot.name))
    this.#closing.set(slot.name, done)
    return done
  }

  private location(name: string): string {
    return this.#folder === undefined ? `${this.#prefix}${name}` : join(this.#folder, name)
  }
}
