/** Reads Intuit's faults by their codes. https://developer.intuit.com/app/developer/qbo/docs/develop/troubleshooting/error-codes */
import { z, type Classified, type FailedAnswer } from '../../src/provider/index.js'

const errors = z.array(z.object({ code: z.string() })).min(1)
/** The gateway writes members in small letters, the service in capitals. */
const failure = z.union([
  z.object({ Fault: z.object({ Error: errors }) }).transform(({ Fault }) => Fault.Error),
  z.object({ fault: z.object({ error: errors }) }).transform(({ fault }) => fault.error),
])
const MINUTE_MS = 60_000

export function classify({ headers, json }: FailedAnswer): Classified | undefined {
  const read = failure.safeParse(json)
  const code = read.success ? Number(read.data[0]?.code) : Number.NaN
  const detail = `Intuit error ${code}`
  switch (code) {
    case 3200: // AuthenticationFailed
      return { code: 'TOKEN_REVOKED', detail }
    case 3100: // ApplicationAuthorizationFailed: the company disconnected the application
      return { code: 'TOKEN_REVOKED', detail }
    case 120: // AuthorizationFailure: the person may not see this
      return { code: 'SCOPE_MISSING', detail }
    case 3001: // ThrottleExceeded: counted by the minute
      return {
        code: 'RATE_LIMITED',
        detail,
        ...(headers['retry-after'] === undefined && { retryAfterMs: MINUTE_MS }),
      }
    case 10000: // SystemFailure
      return { code: 'PROVIDER_DOWN', detail }
    default:
      return undefined
  }
}
