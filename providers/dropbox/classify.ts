/**
 * Reads the refusals that mean something else than their status: codes, never words.
 * https://www.dropbox.com/developers/documentation/http/documentation#error-handling
 */
import type { Classified, FailedAnswer } from '../../src/provider/index.js'
import { refusal } from './api.js'

export function classify({ status, json }: FailedAnswer): Classified | undefined {
  const tag = refusal.safeParse(json).data?.error['.tag']
  // The token is good, and yet the status is 401.
  if (status === 401 && tag === 'missing_scope') return { code: 'SCOPE_MISSING', detail: tag }
  // The cursor went bad (`reset`), or there are no revisions at a path (`path`): both times all is read anew.
  if (status === 409 && (tag === 'reset' || tag === 'path')) return { code: 'CURSOR_EXPIRED', detail: tag }
  return undefined
}
