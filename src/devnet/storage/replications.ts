/** Copies databases to the other storage nodes of their context, continuously, for as long as they are touched. One direction: outwards. */
import { setMaxListeners } from 'node:events'
import type { Clock } from '../../lib/clock.js'
import type { Databases, OpenDatabase } from '../couch/databases.js'
import { contextEndpoints } from '../did-documents.js'
import type { ResolveDid } from '../did-resolution.js'
import { ApiRefused } from './answer.js'
import { pushChanges } from './push-changes.js'
import type { PeerAccess, PeerCredentials } from './peer-credentials.js'
import type { StorageEntry } from './permissions.js'
import type { Caller } from './tokens.js'

const EXPIRY_MS = 20 * 60_000
const FIRST_RETRY_MS = 250
const LONGEST_RETRY_MS = 5_000

interface Replication {
  expiresAtMs: number
}

export interface ReplicationParts {
  /** This node's address. */
  readonly url: string
  readonly databases: Databases<StorageEntry>
  readonly peers: PeerCredentials
  readonly resolve: ResolveDid
  readonly clock: Clock
}

export class Replications {
  readonly #running = new Map<string, Replication>()
  readonly #loops = new Set<Promise<void>>()
  readonly #stopped = new AbortController()

  constructor(private readonly parts: ReplicationParts) {
    // Every replication listens to it.
    setMaxListeners(0, this.#stopped.signal)
  }

  /**
   * Starts or prolongs the replication of databases to the peers that the owner's DID document lists.
   * @throws ApiRefused when this node is none of them
   */
  async touch(
    owner: Caller,
    hashes: readonly string[],
  ): Promise<{ readonly endpoints: readonly string[]; readonly failedEndpoints: readonly string[] }> {
    const endpoints = this.peersOf(owner)
    const failedEndpoints: string[] = []
    for (const peer of endpoints) {
      const fresh = hashes.filter((hash) => !this.prolong(peer, hash))
      if (fresh.length === 0) continue
      const access = await this.parts.peers
        .obtain(peer, owner, this.#stopped.signal)
        .catch(() => void failedEndpoints.push(peer))
      for (const hash of fresh) this.start(peer, owner, hash, access ?? undefined)
    }
    return { endpoints, failedEndpoints }
  }

  /** Ends them all and waits for what is under way. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    await Promise.all(this.#loops)
  }

  private peersOf({ did, contextName }: Caller): readonly string[] {
    const document = this.parts.resolve(did)
    const listed = document && contextEndpoints(document, contextName)
    if (listed === undefined)
      throw new ApiRefused(500, 'Unable to locate service endpoint for this DID and context')
    const origins = [...new Set(listed.map((one) => new URL(one).origin))]
    const own = new URL(this.parts.url).origin
    if (!origins.includes(own))
      throw new ApiRefused(500, `Server not a valid endpoint (${own}) for this DID and context`)
    return origins.filter((origin) => origin !== own)
  }

  /** @returns whether it runs */
  private prolong(peer: string, hash: string): boolean {
    const running = this.#running.get(keyOf(peer, hash))
    if (running !== undefined) running.expiresAtMs = this.parts.clock.now() + EXPIRY_MS
    return running !== undefined
  }

  private start(peer: string, owner: Caller, hash: string, access: PeerAccess | undefined): void {
    // Two pings at once: the first started it while the second waited for the peer.
    if (this.#stopped.signal.aborted || this.prolong(peer, hash)) return
    const key = keyOf(peer, hash)
    const replication = { expiresAtMs: this.parts.clock.now() + EXPIRY_MS }
    this.#running.set(key, replication)
    const loop = this.run(replication, peer, owner, hash, access).finally(() => {
      this.#running.delete(key)
      this.#loops.delete(loop)
    })
    this.#loops.add(loop)
  }

  private async run(
    replication: Replication,
    peer: string,
    owner: Caller,
    hash: string,
    first: PeerAccess | undefined,
  ): Promise<void> {
    const { databases, peers, clock } = this.parts
    const { signal } = this.#stopped
    let access = first
    let since = 0
    let retryMs = FIRST_RETRY_MS
    while (!signal.aborted && clock.now() < replication.expiresAtMs && databases.find(hash) !== undefined) {
      try {
        access ??= await peers.obtain(peer, owner, signal)
        since = await pushChanges(databases, hash, access, since, signal)
        retryMs = FIRST_RETRY_MS
        await databases.use(hash, (database) => changedSince(database, since, signal))
      } catch {
        // Any failure of the peer, or the deletion of the database here: the loop's own conditions tell which.
        access = undefined
        await pause(retryMs, signal)
        retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS)
      }
    }
  }
}

const keyOf = (peer: string, hash: string): string => `${peer} ${hash}`

async function changedSince(database: OpenDatabase, since: number, signal: AbortSignal): Promise<void> {
  // The ear is open before the look: a write in between would be missed.
  const woken = database.changed(signal)
  const { update_seq } = await database.pouch.info()
  if (update_seq > since) database.notify()
  await woken
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
  })
}
