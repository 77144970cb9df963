/** Small JSON entries by key, one file each, read once at start; it holds no records of an owner. */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sha3 from 'js-sha3'

const SUFFIX = '.json'

/** Written before `set` returns (temporary file, then rename), so that a killed process never leaves half an entry. */
export class EntryStore<T extends object> {
  readonly #folder: string | undefined
  readonly #entries = new Map<string, T>()

  /** Without a folder the entries live in memory only. Files are readable by this user alone. */
  constructor(folder: string | undefined) {
    this.#folder = folder
    if (folder === undefined) return
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    for (const name of readdirSync(folder)) {
      if (!name.endsWith(SUFFIX)) continue
      const { key, value } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { key: string; value: T }
      this.#entries.set(key, value)
    }
  }

  get(key: string): T | undefined {
    return this.#entries.get(key)
  }

  set(key: string, value: T): void {
    this.#entries.set(key, value)
    if (this.#folder === undefined) return
    const file = this.fileOf(key)
    const draft = `${file}.draft`
    writeFileSync(draft, JSON.stringify({ key, value }), { mode: 0o600 })
    renameSync(draft, file)
  }

  delete(key: string): boolean {
    const known = this.#entries.delete(key)
    if (known && this.#folder !== undefined) rmSync(this.fileOf(key), { force: true })
    return known
  }

  entries(): readonly (readonly [string, T])[] {
    return [...this.#entries]
  }

  /** Keys may hold any character; file names are their hashes. */
  private fileOf(key: string): string {
    return join(this.#folder ?? '', `${sha3.keccak256(key).slice(0, 40)}${SUFFIX}`)
  }
}
