/** The ring of keys while the node serves: watched, rotated, and everything sealed again behind the requests. */
import { unwatchFile, watchFile } from 'node:fs'
import type { KeyFile } from '../credentials/key-file.js'
import type { LiveKeyRing } from '../credentials/live-key-ring.js'
import { NodeError, toNodeError } from '../errors.js'
import type { Log } from '../lib/log.js'
import type { Store } from '../store/index.js'
import { readKeyStatus, type KeyState } from './key-status.js'

export interface Resealed {
  readonly resealed: number
  /** Open with no key of the ring, or were damaged. */
  readonly unreadable: number
}

export interface KeyService {
  status(): Promise<readonly KeyState[]>
  /** Adds a key and begins to seal everything again. @throws NodeError CONFIG_INVALID: the keys come from the environment */
  rotate(): Promise<{ readonly current: string }>
  /** Reads the file again, as after SIGHUP. @throws NodeError CONFIG_INVALID; what was in use stays */
  reread(): void
  /** Seals again what is under another key; one round at a time. */
  reseal(): Promise<Resealed>
  /** Stops between two batches: the next start goes on. */
  close(): Promise<void>
}

export interface KeyServicePorts {
  readonly store: Store
  readonly ring: LiveKeyRing
  /** Missing when the keys come from the environment: those change with a restart. */
  readonly file: KeyFile | undefined
  /** What seals again, each its own tables; they look at the signal between batches. */
  readonly resealers: readonly ((signal: AbortSignal) => Promise<Resealed>)[]
  readonly log: Log
  /** How often the file is looked at. Default: 5 s. */
  readonly lookMs?: number
}

export function createKeyService(ports: KeyServicePorts): KeyService {
  const { store, ring, file, log } = ports
  const stopping = new AbortController()
  let underway: Promise<Resealed> | undefined
  /** Also a key that came to the ring because something was met under it begins a round. */
  let sealedUnder = ring.current.id

  async function round(): Promise<Resealed> {
    const sum = { resealed: 0, unreadable: 0 }
    for (const work of ports.resealers) {
      const { resealed, unreadable } = stopping.signal.aborted ? NOTHING : await work(stopping.signal)
      sum.resealed += resealed
      sum.unreadable += unreadable
    }
    if (sum.unreadable > 0) await nameMissing()
    return sum
  }
  /** A ring without a key that something needs is most likely the wrong one. */
  async function nameMissing(): Promise<void> {
    const missing = (await readKeyStatus(store, ring)).filter(({ state }) => state === 'missing')
    if (missing.length === 0) return
    const named = missing.map(({ id, total }) => `${total} under ${id}`).join(', ')
    const detail = `sealed under keys that this node was not given: ${named}; put them behind the first of CONNECTOR_ENCRYPTION_KEY`
    log.error('keys.missing', { current: ring.current.id, error: new NodeError('SEAL_FAILED', { detail }) })
  }
  /** Those that are asked for while a round runs wait for one more: it may have begun under the key before. */
  async function reseal(): Promise<Resealed> {
    if (underway !== undefined) await underway.catch(() => undefined)
    underway ??= round().finally(() => (underway = undefined))
    return underway
  }
  function resealBehind(): void {
    sealedUnder = ring.current.id
    log.info('keys.changed', { current: ring.current.id, keys: ring.keys.length })
    reseal().then(
      (done) => log.info('keys.resealed', done),
      (error: unknown) => log.warn('keys.failed', { error: toNodeError(error) }),
    )
  }
  function reread(): void {
    if (file === undefined) return
    const changed = ring.replace(file.read())
    if (changed || ring.current.id !== sealedUnder) resealBehind()
  }
  const look = (): void => {
    try {
      reread()
    } catch (error) {
      log.warn('keys.failed', { error: toNodeError(error) })
    }
  }
  // By time, not by events of the system: those do not cross a network file system or a mounted secret.
  if (file !== undefined) watchFile(file.path, { interval: ports.lookMs ?? LOOK_MS, persistent: false }, look)

  return {
    status: () => readKeyStatus(store, ring),
    async rotate() {
      if (file === undefined)
        throw new NodeError('REQUEST_INVALID', {
          detail: 'the keys come from CONNECTOR_ENCRYPTION_KEY: put a new one in front there, and restart',
        })
      if (ring.replace(await file.addKey())) resealBehind()
      return { current: ring.current.id }
    },
    reread,
    reseal,
    async close() {
      stopping.abort()
      if (file !== undefined) unwatchFile(file.path, look)
      await underway?.catch(() => undefined)
    },
  }
}

const LOOK_MS = 5_000
const NOTHING: Resealed = { resealed: 0, unreadable: 0 }
