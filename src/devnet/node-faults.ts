/** The hand of a test, or of a demonstration, on one storage node. */
import type { FaultSwitch } from './faults.js'
import type { Loss } from './lose-documents.js'

export interface NodeFaults {
  set(...switches: readonly FaultSwitch[]): void
  clear(): void
  /** Documents that were stored and acknowledged are gone. @returns how many */
  lose(loss: Loss): Promise<number>
  /** Every access token given out so far has expired; with `refresh`, every refresh token is unknown too. */
  expireTokens(options?: { readonly refresh?: boolean }): void
}
