/** The answers of the storage node's API: signed when they are good, `{status: 'fail'}` otherwise. */
import type { ErrorRequestHandler, Request, Response } from 'express'
import type { z } from 'zod'
import type { JsonObject } from '../../lib/canonical-json.js'
import { signVerida } from '../verida-signature.js'

export class ApiRefused extends Error {
  override readonly name = 'ApiRefused'
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message)
  }
}

/** Answers with the node's signature over what it says. */
export type Answer = (response: Response, data: JsonObject) => void

export function signedAnswers(privateKey: string): Answer {
  const key = Buffer.from(privateKey, 'hex')
  return (response, data) => {
    const said = { status: 'success', ...data }
    response.json({ ...said, signature: signVerida(said, key) })
  }
}

/** The request's body in this form. @throws ApiRefused 400 naming the fields that are not */
export function bodyAs<T extends z.ZodType>(request: Request, shape: T): z.output<T> {
  const parsed = shape.safeParse(request.body ?? {})
  if (parsed.success) return parsed.data
  throw new ApiRefused(
    400,
    `Invalid or missing: ${parsed.error.issues.map(({ path }) => path.join('.')).join(', ')}`,
  )
}

export const answerApiErrors: ErrorRequestHandler = (thrown: unknown, _request, response, next) => {
  if (response.headersSent) return next(thrown)
  const { status } = thrown as { readonly status?: unknown }
  const known = thrown instanceof Error && typeof status === 'number'
  response
    .status(known ? status : 500)
    .json({ status: 'fail', message: known ? thrown.message : 'Unknown error' })
}
