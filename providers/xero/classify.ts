/** Reads Xero's errors by the code in their detail. https://developer.xero.com/documentation/api/accounting/responsecodes */
import { z, type Classified, type FailedAnswer } from '../../src/provider/index.js'

const failure = z.object({ Detail: z.string() })

export function classify({ json }: FailedAnswer): Classified | undefined {
  switch (failure.safeParse(json).data?.Detail) {
    // 403: the organisation is no longer among those that the token reaches.
    case 'AuthenticationUnsuccessful':
      return { code: 'TOKEN_REVOKED', detail: 'the organisation was disconnected' }
    // 401, although the token is good: it lacks the scope.
    case 'AuthorizationUnsuccessful':
      return { code: 'SCOPE_MISSING' }
    default:
      return undefined
  }
}
