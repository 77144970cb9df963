/** Reads the body of an answer by the form a provider expects; what has another form stops the stream instead of being guessed at. */
import type { z } from 'zod'
import { NodeError } from '../errors.js'
import type { HttpAnswer } from './http.js'

/**
 * The checked body. Lists in it are best declared as unknown: each item is checked by its stream, so that one odd
 * item does not lose a page.
 * @throws NodeError PROVIDER_CHANGED that names paths and never values
 */
export function readAnswer<T>(form: z.ZodType<T>, answer: HttpAnswer): T {
  const read = form.safeParse(answer.json)
  if (read.success) return read.data
  const paths = read.error.issues.slice(0, 5).map((issue) => `${issue.path.join('/')}:${issue.code}`)
  throw new NodeError('PROVIDER_CHANGED', { detail: `an answer of another form (${paths.join(' ')})` })
}
