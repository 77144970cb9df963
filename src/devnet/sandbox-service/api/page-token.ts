/** Cursors as the API gives them out: opaque to callers, bound to person, stream and epoch. */
import { z } from 'zod'

const shape = z.tuple([
  z.number(),
  z.string(),
  z.array(z.union([z.number(), z.string()])),
  z.string().optional(),
])

export interface PageToken {
  /** `person/stream`, so that a cursor is of no use elsewhere. */
  readonly place: string
  readonly epoch: number
  /** What the stream needs to go on. */
  readonly position: readonly (number | string)[]
  /** Makes another token for the same position. */
  readonly again?: string
}

export function writeToken({ epoch, place, position, again }: PageToken): string {
  const parts = again === undefined ? [epoch, place, position] : [epoch, place, position, again]
  return Buffer.from(JSON.stringify(parts)).toString('base64url')
}

/** The position of a token of this place; 'expired' when the epoch has passed, 'invalid' when it is not ours. */
export function readToken(
  text: string,
  place: string,
  epoch: number,
): PageToken['position'] | 'expired' | 'invalid' {
  const parsed = shape.safeParse(parseJson(Buffer.from(text, 'base64url').toString('utf8')))
  if (!parsed.success || parsed.data[1] !== place) return 'invalid'
  return parsed.data[0] === epoch ? parsed.data[2] : 'expired'
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON is one of the ways in which a token is not ours.
    return undefined
  }
}
