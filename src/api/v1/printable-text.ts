/** A text for people in a body: trimmed, of bounded length, without control characters (PostgreSQL refuses NUL). */
import { z } from 'zod'

export function printableText(maxLength: number) {
  return z
    .string()
    .trim()
    .min(1)
    .max(maxLength)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'holds control characters')
}
