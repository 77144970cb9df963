/** Tells an error of the table by its code. */
import { NodeError, type ErrorCode } from '../../../src/errors.js'

export function hasCode(code: ErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof NodeError && error.code === code
}
