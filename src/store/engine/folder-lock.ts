/** Exclusive use of a folder by one process. PGlite itself does not refuse a second one, which loses data in silence. */
import { randomBytes } from 'node:crypto'
import { statSync, utimesSync } from 'node:fs'
import { open, readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { NodeError } from '../../errors.js'
import { isRunning, ownIdentity, type ProcessIdentity } from './process-identity.js'

export interface FolderLock {
  /** @throws NodeError STORE_LOCKED when the claim was taken away (someone removed the file) */
  readonly assertHeld: () => void
  readonly release: () => Promise<void>
}

export interface LockTimes {
  readonly beatMs: number
  /** A claim whose holder cannot be looked up is dead when it did not beat for so long. */
  readonly silentMs: number
}

const DEFAULT: LockTimes = { beatMs: 2_000, silentMs: 10_000 }
const PREFIX = 'lock-'
const TRIES = 4

/**
 * Every process puts a claim of its own beside the others' and then looks at all of them: of two that start together,
 * the later looker sees the earlier claim, so two can never both go on. (A single lock file that is taken over when
 * stale has a moment in which two believe they hold it.) Claims of dead processes are removed.
 * @throws NodeError STORE_LOCKED
 */
export async function lockFolder(folder: string, times: LockTimes = DEFAULT): Promise<FolderLock> {
  for (let left = TRIES; ; left -= 1) {
    const claim = join(folder, `${PREFIX}${process.pid}-${randomBytes(4).toString('hex')}`)
    await writeClaim(claim)
    const beat = startBeating(claim, times.beatMs)
    const holder = await findHolder(folder, claim, times)
    if (holder === undefined) return { assertHeld: beat.assertHeld, release: () => withdraw(claim, beat) }
    await withdraw(claim, beat)
    // Two that started together may both have stepped back: try again, at different moments.
    if (left <= 1) throw locked(folder, holder)
    await sleep(50 + Math.random() * 250)
  }
}

interface Claim {
  readonly path: string
  readonly holder: ProcessIdentity
}

async function writeClaim(path: string): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o600)
    await file.writeFile(JSON.stringify(ownIdentity()))
    await file.close()
  } catch (error) {
    throw new NodeError('CONFIG_INVALID', { detail: `DATA_DIR: ${path} cannot be written`, cause: error })
  }
}

function startBeating(path: string, beatMs: number): { assertHeld: () => void; stop: () => void } {
  let lost = false
  const timer = setInterval(() => {
    const now = new Date()
    try {
      utimesSync(path, now, now)
    } catch {
      lost = true // the claim is gone: told to the next user of the store by assertHeld
    }
  }, beatMs)
  timer.unref()
  return {
    assertHeld: () => {
      if (lost)
        throw new NodeError('STORE_LOCKED', {
          detail: `${path} was removed while this process was using the folder. Restart it.`,
        })
    },
    stop: () => clearInterval(timer),
  }
}

async function withdraw(path: string, beat: { stop: () => void }): Promise<void> {
  beat.stop()
  await rm(path, { force: true })
}

async function findHolder(folder: string, own: string, times: LockTimes): Promise<Claim | undefined> {
  const names = await readdir(folder)
  for (const name of names.filter((name) => name.startsWith(PREFIX))) {
    const path = join(folder, name)
    if (path === own) continue
    const claim = { path, holder: await readClaim(path) }
    if (await isAlive(claim, times)) return claim
    await rm(path, { force: true })
  }
  return undefined
}

/** A claim that is just being written, or was cut short, has no readable holder: it lives as long as it beats. */
async function readClaim(path: string): Promise<ProcessIdentity> {
  const pid = Number(path.slice(path.lastIndexOf(PREFIX) + PREFIX.length).split('-')[0])
  try {
    return JSON.parse(await readFile(path, 'utf8')) as ProcessIdentity
  } catch (error) {
    if (error instanceof SyntaxError || isMissing(error)) return { pid, space: '', started: undefined }
    throw error
  }
}

async function isAlive(claim: Claim, times: LockTimes): Promise<boolean> {
  const running = isRunning(claim.holder)
  if (running !== 'unknown') return running === 'yes'
  const before = beatOf(claim.path)
  for (let waitedMs = 0; waitedMs < times.silentMs; waitedMs += times.beatMs / 2) {
    await sleep(times.beatMs / 2)
    const beat = beatOf(claim.path)
    if (beat === undefined) return false
    if (beat !== before) return true
  }
  return false
}

function beatOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'

function locked(folder: string, claim: Claim): NodeError {
  const { pid } = claim.holder
  const who =
    pid === process.pid && claim.holder.space === ownIdentity().space ? 'this very process' : `process ${pid}`
  return new NodeError('STORE_LOCKED', {
    detail:
      `${folder} is in use by ${who}. Stop it first, give this one another DATA_DIR, ` +
      `or set DATABASE_URL: more than one process needs PostgreSQL. (If no such process exists, remove ${claim.path}.)`,
  })
}
