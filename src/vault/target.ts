/** One database on one storage node during a run, and whether it is in step with the others. */
import { NodeError, toNodeError } from '../errors.js'
import type { CouchDatabase } from './couch-database.js'
import type { StorageNode } from './storage-node.js'

export class Target {
  /** Why nothing is sent to it until it has been brought in step again. */
  fault: NodeError | undefined

  constructor(
    readonly node: StorageNode,
    readonly couch: CouchDatabase,
  ) {}

  get url(): string {
    return this.node.url
  }

  /** Runs a step on this node; a failure of the node is remembered, anything else is thrown. */
  async attempt<T>(act: () => Promise<T>): Promise<T | undefined> {
    try {
      return await act()
    } catch (error) {
      const fault = toNodeError(error)
      if (!isNodeFault(fault)) throw error
      this.fault = fault
      return undefined
    }
  }
}

/** Failures of a storage node, which the sync survives; all others are ours. */
export function isNodeFault({ code }: NodeError): boolean {
  return code === 'STORAGE_UNREACHABLE' || code === 'REPLICATION_STALLED' || code === 'VERIFY_MISMATCH'
}

const GRAVITY = ['STORAGE_UNREACHABLE', 'REPLICATION_STALLED', 'VERIFY_MISMATCH']

/** The fault that says most of what went wrong. */
export function gravestFault(targets: readonly Target[]): NodeError {
  const faults = targets.flatMap(({ fault }) => (fault === undefined ? [] : [fault]))
  faults.sort((a, b) => GRAVITY.indexOf(b.code) - GRAVITY.indexOf(a.code))
  return faults[0] ?? new NodeError('STORAGE_UNREACHABLE', { detail: 'no storage node is configured' })
}
