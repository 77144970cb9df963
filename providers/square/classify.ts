/** Reads Square's errors by their codes. https://developer.squareup.com/reference/square/enums/ErrorCode */
import { z, type Classified, type FailedAnswer } from '../../src/provider/index.js'

const failure = z.object({ errors: z.array(z.object({ code: z.string() })).min(1) })

export function classify({ json }: FailedAnswer): Classified | undefined {
  const code = failure.safeParse(json).data?.errors[0]?.code
  // A cursor that Square no longer knows.
  if (code === 'INVALID_CURSOR') return { code: 'CURSOR_EXPIRED', detail: code }
  // The application itself is shut; the seller's grant stays good.
  if (code === 'APPLICATION_DISABLED' || code === 'CLIENT_DISABLED')
    return { code: 'PROVIDER_DOWN', detail: code }
  return undefined
}
