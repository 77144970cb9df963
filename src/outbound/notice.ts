/**
 * Sends a text to an address that a stranger named and learns no more than the status: through the guarded network, no
 * redirect followed, nothing retried, the answer's body thrown away, and all of it within one time.
 */
import { request } from 'undici'
import { NodeError } from '../errors.js'
import { systemNetwork, type Network, type Reach } from './network.js'
import { retryAfterMs } from './retry-after.js'

export interface Notice {
  readonly url: URL
  readonly reach: Reach
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface NoticeOptions {
  readonly network?: Network | undefined
  /** For everything: connection, request, head of the answer. */
  readonly timeMs: number
  readonly nowMs: number
  readonly signal: AbortSignal
}

export type NoticeEnd =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfterMs: number | undefined }
  | { readonly kind: 'unanswered'; readonly reason: 'ADDRESS_REFUSED' | 'TIMED_OUT' | 'UNREACHABLE' }

/** Of a body, until the connection is given up. */
const MOST_BYTES = 64 * 1024

/** @throws the signal's reason */
export async function sendNotice(notice: Notice, options: NoticeOptions): Promise<NoticeEnd> {
  const { network = systemNetwork, timeMs, nowMs, signal } = options
  signal.throwIfAborted()
  const late = AbortSignal.timeout(timeMs)
  try {
    const { statusCode, headers, body } = await request(notice.url, {
      dispatcher: network.dispatcher(notice.reach),
      method: 'POST',
      headers: notice.headers,
      body: notice.body,
      signal: AbortSignal.any([signal, late]),
    })
    // The status is all that counts: a body that is long, slow or broken changes nothing.
    void body.dump({ limit: MOST_BYTES }).catch(() => undefined)
    const asked = headers['retry-after']
    return {
      kind: 'answered',
      status: statusCode,
      retryAfterMs: retryAfterMs(typeof asked === 'string' ? { 'retry-after': asked } : {}, nowMs),
    }
  } catch (cause) {
    signal.throwIfAborted()
    return { kind: 'unanswered', reason: reasonOf(cause, late) }
  }
}

function reasonOf(cause: unknown, late: AbortSignal): 'ADDRESS_REFUSED' | 'TIMED_OUT' | 'UNREACHABLE' {
  if (late.aborted || codeOf(cause) === 'UND_ERR_CONNECT_TIMEOUT') return 'TIMED_OUT'
  // Only the guard throws errors of ours.
  return cause instanceof NodeError ? 'ADDRESS_REFUSED' : 'UNREACHABLE'
}

const codeOf = (cause: unknown): string | undefined =>
  cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined
