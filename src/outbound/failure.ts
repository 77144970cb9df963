/** What a failed answer means: the provider's own reading first, else the status. */
import { NodeError } from '../errors.js'
import type { FailedAnswer, Provider } from '../provider/index.js'
import { retryAfterMs } from './retry-after.js'

/** An error without the name of the call: that is added by who knows it. */
export function failureOf(
  provider: Pick<Provider, 'classify'>,
  answer: FailedAnswer,
  nowMs: number,
): NodeError {
  const asked = retryAfterMs(answer.headers, nowMs)
  const classified = provider.classify?.(answer)
  const code = classified?.code ?? codeOfStatus(answer.status, asked !== undefined)
  const wait = code === 'RATE_LIMITED' ? (classified?.retryAfterMs ?? asked) : undefined
  return new NodeError(code, {
    detail: ['status', answer.status, classified?.detail].filter((part) => part !== undefined).join(' '),
    answered: answer.status,
    ...(wait !== undefined && { retryAfterMs: wait }),
  })
}

function codeOfStatus(status: number, saysWhen: boolean) {
  if (status === 401) return 'TOKEN_REVOKED'
  if (status === 403) return 'SCOPE_MISSING'
  if (status === 429 || (status === 503 && saysWhen)) return 'RATE_LIMITED'
  // 408 and 425 ask for the same call again.
  if (status >= 500 || status === 408 || status === 425) return 'PROVIDER_DOWN'
  return 'PROVIDER_CHANGED'
}
