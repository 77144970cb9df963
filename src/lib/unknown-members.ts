/** What is said of a body with members that are missing, or that have other names; those are the caller's, and may be anything, so they are not repeated. */
import { z } from 'zod'

/** @param known what may stand there; empty where that is not a fixed list */
export function unknownMembers(known: readonly string[]): string {
  const whole = 'has members that are not known here'
  return known.length === 0 ? whole : `${whole}; it may have ${known.join(', ')}`
}

/** For `safeParse(…, { error })`: a member that is missing, in the words of all surfaces. */
export const inWords = ({ input }: { readonly input?: unknown }): string | undefined =>
  input === undefined ? 'is needed' : undefined

/** Of a body's outermost members. */
export const namesOf = (schema: z.ZodType): readonly string[] =>
  schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
