/** What an answer tells of an error: its code, a sentence, and a detail only where it is safe. */
import type { Response } from 'express'
import type { NodeError } from '../../errors.js'

export const requestIdOf = ({ locals }: Response): string | undefined =>
  locals['requestId'] as string | undefined

/** Only a plain refusal says more: a detail of anything else may tell a stranger what is here. */
export function publicDetail({ fate, status, detail }: NodeError): string | undefined {
  return fate === 'refuse' && status < 500 ? detail : undefined
}

/** The sentence for people, with its detail. */
export function publicSentence(error: NodeError): string {
  const detail = publicDetail(error)
  return detail === undefined ? error.publicMessage : `${error.publicMessage} (${detail})`
}

/** Of the surfaces without an envelope. */
export function errorJson(error: NodeError, res: Response): object {
  const { code, fields, retryAfterMs } = error
  return {
    code,
    message: publicSentence(error),
    requestId: requestIdOf(res),
    ...(fields !== undefined && { fields }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }
}
