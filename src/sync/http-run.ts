/** What the client of one run is made from. */
import type { OpenGrant } from '../credentials/open-grant.js'
import type { UsableProvider } from '../provider/index.js'

export interface HttpRun extends UsableProvider {
  readonly grant: Pick<OpenGrant, 'current' | 'refresh' | 'tokens'>
  readonly connectionId: string
  readonly signal: AbortSignal
  /** Retries end here, in ms since 1970. */
  readonly deadlineAtMs: number
}
