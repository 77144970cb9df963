/** What the practice Vault's pages need of the Vault that is played beside the node. Plain data only; development alone. */
import type { JsonObject } from '../../lib/canonical-json.js'

/** The practice owner, whom connect links name. */
export interface DevOwner {
  readonly did: string
  /** 64 hex. */
  readonly key: string
}

/** What a deep link carries. */
export interface DevLink {
  readonly provider: string
  readonly accessToken: string
  readonly refreshToken: string
}

export type DevStepState = 'waiting' | 'running' | 'done' | 'failed'

/** One step of a run: sync, pull, decrypt, show, sync done; in the order in which they happen. */
export interface DevStep {
  readonly label: string
  readonly state: DevStepState
  /** Such as counts, or why it failed. */
  readonly detail?: string
}

export interface DevConnection {
  readonly provider: string
  readonly state: 'running' | 'ready' | 'failed'
  /** Of the run under way, or of the last one. */
  readonly steps: readonly DevStep[]
  /** Name of the account, once the node has said it. */
  readonly account?: string
  /** When the last run ended, in ms since 1970. */
  readonly syncedAtMs?: number
}

/** Decrypted records of one schema as the Vault holds them. */
export interface DevRecords {
  /** Full URI. */
  readonly schema: string
  /** All there are; `records` may hold fewer. */
  readonly total: number
  readonly records: readonly JsonObject[]
}

export interface DevVaultPort {
  /** Answers at once: no process is started for it. */
  owner(): Promise<DevOwner>
  /** Keeps the capsules and begins a run; does not wait for it. */
  receive(link: DevLink): Promise<void>
  /** Begins a run; does nothing while one is under way. @throws NodeError PROVIDER_UNKNOWN: not connected */
  sync(provider: string): Promise<void>
  /** Disconnects at the node and drops what was pulled. @throws NodeError PROVIDER_UNKNOWN: not connected */
  disconnect(provider: string): Promise<void>
  connections(): Promise<readonly DevConnection[]>
  records(limitPerSchema: number): Promise<readonly DevRecords[]>
}
