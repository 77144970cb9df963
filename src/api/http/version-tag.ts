/** Versions of rows as entity tags: a change may name the version it was made on, and is refused on another. */
import type { Request } from 'express'
import { NodeError, toNodeError } from '../../errors.js'

/** For the header ETag. */
export function versionTag(version: number): string {
  return `"${version}"`
}

/**
 * Does `work` for the version of If-Match; `undefined` when any will do.
 * @throws NodeError REQUEST_INVALID; PRECONDITION_FAILED in place of the store's WRITE_CONFLICT
 */
export async function withExpectedVersion<T>(
  req: Request,
  work: (expected: number | undefined) => Promise<T>,
): Promise<T> {
  const expected = readIfMatch(req)
  try {
    return await work(expected)
  } catch (error) {
    if (expected === undefined || toNodeError(error).code !== 'WRITE_CONFLICT') throw error
    throw new NodeError('PRECONDITION_FAILED', { cause: error })
  }
}

function readIfMatch(req: Request): number | undefined {
  const header = req.get('if-match')?.trim()
  if (header === undefined || header === '*') return undefined
  const version = /^"(\d{1,9})"$/.exec(header)?.[1]
  if (version !== undefined) return Number(version)
  const message = 'must be one ETag as this node gave it, or *'
  throw new NodeError('REQUEST_INVALID', { fields: [{ path: 'If-Match', message }] })
}
