/** The embedded database's folder: locked, made in a child process the first time, and refused when made by another version. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { NodeError } from '../../errors.js'
import type { ConnectionSource } from './connection-source.js'
import { lockFolder } from './folder-lock.js'
import { openPglite, pgliteSource } from './pglite.js'

/** The major version of PostgreSQL inside the pinned PGlite; folders do not open across majors. */
export const POSTGRES_MAJOR = 18

const require = createRequire(import.meta.url)
const pglitePath = require.resolve('@electric-sql/pglite')

/**
 * Layout: `pg/` the database, `version.json` what made it, `lock-*` who uses it.
 * @throws NodeError STORE_LOCKED, CONFIG_INVALID, STORE_UNAVAILABLE
 */
export async function openFolder(folder: string): Promise<ConnectionSource> {
  await makeFolder(folder)
  const lock = await lockFolder(folder)
  try {
    const data = join(folder, 'pg')
    await prepare(folder, data)
    const pglite = await openPglite({ dataDir: data })
    return pgliteSource(pglite, lock.assertHeld, lock.release)
  } catch (error) {
    await lock.release()
    if (error instanceof NodeError) throw error
    throw new NodeError('STORE_UNAVAILABLE', {
      detail: `the embedded database in ${folder} does not open`,
      cause: error,
    })
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new NodeError('CONFIG_INVALID', { detail: `DATA_DIR: ${folder} cannot be made`, cause: error })
  }
}

async function prepare(folder: string, data: string): Promise<void> {
  await removeHalfMade(folder)
  const major = await readIfThere(join(data, 'PG_VERSION'))
  if (major === undefined) {
    await rm(data, { recursive: true, force: true })
    await writeVersion(folder)
    const half = join(folder, `${HALF}${process.pid}`)
    await createInChild(half)
    await rename(half, data)
    return
  }
  const made = await readVersion(folder)
  if (Number(major) !== POSTGRES_MAJOR || (made !== undefined && line(made) !== line(pgliteVersion()))) {
    throw new NodeError('CONFIG_INVALID', {
      detail:
        `the embedded database in ${folder} was made by PGlite ${made ?? '(unknown)'} with PostgreSQL ${major.trim()}; ` +
        `this node has PGlite ${pgliteVersion()} with PostgreSQL ${POSTGRES_MAJOR}. ` +
        `Start the version that made it, or move the folder away to begin anew.`,
    })
  }
  if (made !== pgliteVersion()) await writeVersion(folder)
}

const HALF = 'pg-being-made-'

async function removeHalfMade(folder: string): Promise<void> {
  const names = await readdir(folder)
  const half = names.filter((name) => name.startsWith(HALF))
  await Promise.all(half.map((name) => rm(join(folder, name), { recursive: true, force: true })))
}

/**
 * Making a folder takes some 800 MB that a process never gives back, so a child does it and exits. The child is given
 * its program as text: it runs the same from sources and from a build. It gets no environment, hence no secrets.
 */
export async function createInChild(data: string): Promise<void> {
  const program = `
    const { PGlite } = require(process.argv[1])
    PGlite.create(process.argv[2]).then((db) => db.close()).catch((error) => {
      console.error(error)
      process.exitCode = 1
    })`
  try {
    await promisify(execFile)(process.execPath, ['-e', program, pglitePath, data], {
      env: {},
      timeout: 120_000,
    })
  } catch (error) {
    await rm(data, { recursive: true, force: true })
    throw new NodeError('STORE_UNAVAILABLE', {
      detail: 'the embedded database could not be made',
      cause: error,
    })
  }
}

/** 0.5.14 and 0.5.16 read each other's folders; 0.4 and 0.5 do not. */
const line = (version: string): string => version.split('.').slice(0, 2).join('.')

let known: string | undefined
/** The version of the installed PGlite. */
export function pgliteVersion(): string {
  // Its package.json is not among its exports.
  known ??= (
    JSON.parse(readFileSync(join(dirname(pglitePath), '..', 'package.json'), 'utf8')) as { version: string }
  ).version
  return known
}

async function readVersion(folder: string): Promise<string | undefined> {
  const text = await readIfThere(join(folder, 'version.json'))
  if (text === undefined) return undefined
  try {
    return String((JSON.parse(text) as { pglite: unknown }).pglite)
  } catch (error) {
    throw new NodeError('CONFIG_INVALID', {
      detail: `${join(folder, 'version.json')} is not readable`,
      cause: error,
    })
  }
}

async function writeVersion(folder: string): Promise<void> {
  const text = JSON.stringify({ pglite: pgliteVersion(), postgres: POSTGRES_MAJOR })
  await writeFile(join(folder, 'version.json'), `${text}\n`, { mode: 0o600 })
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
