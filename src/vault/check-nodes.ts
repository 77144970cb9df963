/** Asks every storage node whether this node can work there, and how full it is. Repairs nothing. */
import { toNodeError, type ErrorCode } from '../errors.js'
import type { Log } from '../lib/log.js'
import { within } from './deadline.js'
import type { StorageNode, StorageUsage } from './storage-node.js'

export interface StorageNodeCheck {
  readonly url: string
  readonly ok: boolean
  /** Why not. */
  readonly code?: ErrorCode
  readonly usage?: StorageUsage
  readonly ms: number
}

const CHECK_MS = 5_000

export function checkNodes(nodes: readonly StorageNode[], log: Log): Promise<readonly StorageNodeCheck[]> {
  return Promise.all(
    nodes.map(async (node): Promise<StorageNodeCheck> => {
      const { url } = node
      const startedAt = performance.now()
      const ms = () => Math.round(performance.now() - startedAt)
      try {
        const usage = await within(CHECK_MS, undefined, () => node.usage())
        return { url, ok: true, usage, ms: ms() }
      } catch (thrown) {
        const error = toNodeError(thrown)
        log.warn('storage.unreachable', { url, error })
        return { url, ok: false, code: error.code, ms: ms() }
      }
    }),
  )
}
