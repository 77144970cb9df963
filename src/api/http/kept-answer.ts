/** An answer that is kept for a repeated request: caught before it leaves, sealed, opened and given again. */
import type { NextFunction, Response } from 'express'
import { z } from 'zod'
import type { KeyRing } from '../../credentials/key-ring.js'
import { openValue, sealValue } from '../../credentials/sealed-value.js'
import { NodeError } from '../../errors.js'

export interface Answer {
  readonly status: number
  /** Those of `KEPT_HEADERS` that it has. */
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

const KEPT_HEADERS = ['Content-Type', 'ETag', 'Location'] as const

/** Not a fault of the node, and not "later": the same request would get the same answer. */
export function isWorthKeeping({ status }: Answer): boolean {
  return status < 500 && status !== 401 && status !== 429
}

/** Calls `keep` with the answer and sends it afterwards, so that whoever has an answer can have it again. When keeping fails, that is the answer. */
export function holdAnswer(res: Response, next: NextFunction, keep: (answer: Answer) => Promise<void>): void {
  const end = res.end.bind(res) as (...rest: readonly unknown[]) => Response
  res.end = ((...rest: readonly unknown[]) => {
    res.end = end as typeof res.end
    keep(answerOf(res, rest[0])).then(
      () => end(...rest),
      (error: unknown) => {
        for (const name of KEPT_HEADERS) res.removeHeader(name)
        next(error)
      },
    )
    return res
  }) as typeof res.end
}

function answerOf(res: Response, chunk: unknown): Answer {
  const headers = KEPT_HEADERS.flatMap((name) => {
    const value = res.get(name)
    return value === undefined ? [] : [[name, value] as const]
  })
  const text = typeof chunk === 'string' ? chunk : Buffer.isBuffer(chunk) ? chunk.toString('utf8') : ''
  return { status: res.statusCode, headers: Object.fromEntries(headers), text }
}

const sealedPart = z.object({ headers: z.record(z.string(), z.string()), text: z.string() })

export function sealAnswer(ring: KeyRing, { headers, text }: Answer, place: readonly string[]): string {
  return sealValue(ring, JSON.stringify({ headers, text }), place)
}

/** @throws NodeError SEAL_FAILED */
export function openAnswer(
  ring: KeyRing,
  { status, body }: { readonly status: number; readonly body: unknown },
  place: readonly string[],
): Answer {
  if (typeof body !== 'string') throw new NodeError('SEAL_FAILED', { detail: 'a kept answer is not sealed' })
  return { status, ...sealedPart.parse(JSON.parse(openValue(ring, body, place))) }
}

export function replay(res: Response, { status, headers, text }: Answer): void {
  res.status(status).set(headers).set('Idempotency-Replayed', 'true').end(text)
}
