/** Reads the failures of the gateway by their codes. https://aps.autodesk.com/en/docs/oauth/v2/developers_guide/error_handling/ */
import type { Classified, FailedAnswer } from '../../src/provider/index.js'
import { failure } from './api.js'

export function classify({ status, json }: FailedAnswer): Classified | undefined {
  const code = failure.safeParse(json).data?.errorCode
  if (code === undefined) return undefined
  // 403 with an old token says AUTH-006 too.
  if (code === 'AUTH-006') return { code: 'TOKEN_REVOKED', detail: code }
  // The application is not allowed this API, or the token has not the scope.
  return status === 401 || status === 403 ? { code: 'SCOPE_MISSING', detail: code } : undefined
}
