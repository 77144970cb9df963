/** All staging on this machine: one folder a slice and database, known to the ledger before it exists and until it is gone. */
import { randomUUID } from 'node:crypto'
import { access, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { NodeError } from '../errors.js'
import type { Clock } from '../lib/clock.js'
import type { StagedRow, StagingLedger } from './ports.js'
import { Staging } from './staging.js'

export interface StagingAreaOptions {
  /** DATA_DIR/staging. */
  readonly folder: string
  readonly ledger: StagingLedger
  readonly maxBytes: number
  readonly clock: Clock
}

export interface StagingOf {
  readonly connectionId: string
  readonly leaseNumber: number
  readonly database: string
  readonly nodes: readonly string[]
}

const ERASING = '.erase'
const MACHINE = '.machine'

export class StagingArea {
  /** Sealed bytes by staging id; what an earlier process left is measured on disk. */
  readonly #bytes = new Map<string, number>()
  #ready: Promise<void> | undefined
  /** Tells this folder's stagings from those of other machines in a shared ledger. */
  #machine = ''

  constructor(private readonly options: StagingAreaOptions) {}

  /** A new, empty staging. @throws NodeError DISK_FULL */
  async create(of: StagingOf): Promise<Staging> {
    await this.ready()
    const id = randomUUID()
    const row = { ...of, id, path: `${this.#machine}.${id}`, createdAtMs: this.options.clock.now() }
    await this.options.ledger.add(row)
    return new Staging(row, this.pathOf(row), true)
  }

  /**
   * What earlier runs of a connection left in this folder; under its lease only. Other machines keep theirs in the
   * same ledger; a row whose folder was never made is taken out of it.
   */
  async leftovers(connectionId: string): Promise<readonly Staging[]> {
    const left: Staging[] = []
    for (const row of await this.own(connectionId)) {
      const staging = new Staging(row, this.pathOf(row))
      if (await exists(staging.folder)) left.push(staging)
      else await this.options.ledger.remove(row.id)
    }
    return left
  }

  /** Connections with something left in this folder. */
  async connectionsWithLeftovers(): Promise<readonly string[]> {
    return [...new Set((await this.own()).map(({ connectionId }) => connectionId))]
  }

  private async own(connectionId?: string): Promise<readonly StagedRow[]> {
    await this.ready()
    const rows = await this.options.ledger.list(connectionId)
    return rows.filter(({ path }) => path.startsWith(`${this.#machine}.`))
  }

  /** @throws NodeError STORAGE_UNREACHABLE when the limit over all stagings would be passed: storage nodes do not take what is staged */
  reserve(staging: Staging, bytes: number): void {
    const total = [...this.#bytes.values()].reduce((sum, held) => sum + held, 0)
    if (total + bytes > this.options.maxBytes) {
      throw new NodeError('STORAGE_UNREACHABLE', { detail: 'staging is over STAGING_MAX_MB' })
    }
    this.#bytes.set(staging.row.id, (this.#bytes.get(staging.row.id) ?? 0) + bytes)
  }

  /**
   * Erases a staging and looks that it is gone. Called by erase.ts alone, which asks for the reason. A mark beside the
   * folder survives a crash in the middle: `ready` finishes what has one. @throws NodeError ERASE_INCOMPLETE
   */
  async remove(staging: Staging): Promise<void> {
    await staging.close()
    await writeFile(staging.folder + ERASING, '').catch((cause: unknown) => {
      throw new NodeError('ERASE_INCOMPLETE', { cause })
    })
    await this.removeFolder(staging.row.path)
    await this.options.ledger.remove(staging.row.id)
    await rm(staging.folder + ERASING, { force: true })
    this.#bytes.delete(staging.row.id)
  }

  /** Once: makes the folder, finishes interrupted erasures, measures what is left. Joined. */
  ready(): Promise<void> {
    this.#ready ??= this.prepare().catch((error: unknown) => {
      this.#ready = undefined
      throw error
    })
    return this.#ready
  }

  private async prepare(): Promise<void> {
    const { folder, ledger } = this.options
    await mkdir(folder, { recursive: true, mode: 0o700 })
    this.#machine = await machineName(join(folder, MACHINE))
    const names = new Set(await readdir(folder))
    const rows = await ledger.list()
    const known = new Set(rows.map(({ path }) => path))
    for (const name of [...names].filter((entry) => entry.endsWith(ERASING))) {
      const path = name.slice(0, -ERASING.length)
      await this.removeFolder(path)
      const row = rows.find((entry) => entry.path === path)
      if (row !== undefined) await ledger.remove(row.id)
      await rm(join(folder, name), { force: true })
      known.delete(path)
      names.delete(path)
    }
    for (const name of names) {
      if (name.endsWith(ERASING) || name === MACHINE) continue
      // Without a row the commit after it is lost too: its cursor does not stand, so it is fetched again.
      if (!known.has(name)) await this.removeFolder(name)
    }
    for (const row of rows.filter(({ path }) => known.has(path)))
      this.#bytes.set(row.id, await folderBytes(this.pathOf(row)))
  }

  private async removeFolder(path: string): Promise<void> {
    const folder = join(this.options.folder, path)
    try {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    } catch (cause) {
      throw new NodeError('ERASE_INCOMPLETE', { cause })
    }
    if (await exists(folder))
      throw new NodeError('ERASE_INCOMPLETE', { detail: 'a staging folder is still there' })
  }

  private pathOf(row: Pick<StagedRow, 'path'>): string {
    return join(this.options.folder, row.path)
  }
}

/** A random name, kept in the folder itself. */
async function machineName(file: string): Promise<string> {
  if (!(await exists(file))) await writeFile(file, randomUUID().slice(0, 8))
  return readFile(file, 'utf8')
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

async function folderBytes(folder: string): Promise<number> {
  if (!(await exists(folder))) return 0
  const names = await readdir(folder)
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}
