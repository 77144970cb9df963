/** What a route answers, and the sending of it: whole, or spoiled by a fault. */
import { Readable } from 'node:stream'
import type { Response } from 'express'
import type { Fault } from './faults.js'

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** Content type of the body; JSON unless named. */
  readonly type?: string
  readonly body: string
  /** Sent in the place of `body`, as it is made. */
  readonly bytes?: Iterable<Uint8Array>
}

export const jsonAnswer = (value: unknown, status = 200): Answer => ({ status, body: JSON.stringify(value) })

/** An error of the API: a code for programs and a sentence for people. */
export const errorAnswer = (status: number, code: string, message: string): Answer =>
  jsonAnswer({ error: { code, message } }, status)

/** The RFC 6750 answer to a missing, bad or too narrow token. */
export function bearerAnswer(status: 401 | 403, error: string | undefined, description: string): Answer {
  const challenge =
    error === undefined
      ? 'Bearer realm="sandbox"'
      : `Bearer realm="sandbox", error="${error}", error_description="${description}"`
  return {
    ...errorAnswer(status, error ?? 'unauthorized', description),
    headers: { 'www-authenticate': challenge },
  }
}

/** What a fault answers before any work is done; undefined when the work must be done first. */
export function answerInstead(
  fault: Fault | undefined,
  nowMs: number,
): Answer | 'reset' | 'hang' | undefined {
  switch (fault?.kind) {
    case 'reset':
    case 'hang':
      return fault.kind
    case 'unauthorized':
      return bearerAnswer(401, 'invalid_token', 'The access token is not valid')
    case 'html':
      return {
        status: 200,
        type: 'text/html; charset=utf-8',
        body: '<!doctype html><title>Maintenance</title><p>Back soon.',
      }
    case 'status':
      return {
        ...errorAnswer(fault.status, `http_${fault.status}`, 'Asked to fail'),
        headers: retryAfter(fault, nowMs),
      }
    default:
      return undefined
  }
}

function retryAfter(fault: Fault & { kind: 'status' }, nowMs: number): Record<string, string> {
  if (fault.retryAfterS === undefined) return {}
  if (fault.retryAfterAs !== 'date') return { 'retry-after': String(fault.retryAfterS) }
  return { 'retry-after': new Date(nowMs + fault.retryAfterS * 1_000).toUTCString() }
}

/** Sends an answer as it is. */
export function send(response: Response, answer: Answer): void {
  response.status(answer.status)
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value)
  response.setHeader('content-type', answer.type ?? 'application/json; charset=utf-8')
  if (answer.bytes === undefined) response.end(answer.body)
  else Readable.from(answer.bytes).pipe(response)
}

/** Sends an answer after the work is done, spoiled as the fault says. */
export function sendSpoiled(response: Response, answer: Answer, fault: Fault | undefined): void {
  switch (fault?.kind) {
    case 'lost':
      response.socket?.resetAndDestroy()
      return
    case 'truncated':
      send(response, { ...answer, body: answer.body.slice(0, answer.body.length >> 1) })
      return
    case 'cut':
      if (answer.bytes !== undefined) return sendCut(response, answer, answer.bytes)
      response.writeHead(answer.status, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(answer.body),
      })
      response.write(answer.body.slice(0, answer.body.length >> 1), () => response.socket?.resetAndDestroy())
      return
    case 'slow':
      sendSlowly(response, answer, fault)
      return
    default:
      send(response, answer)
  }
}

/** The first of the bytes, of a length that tells that there were to be more. */
function sendCut(response: Response, { status, headers }: Answer, bytes: Iterable<Uint8Array>): void {
  response.writeHead(status, headers)
  for (const first of bytes) {
    response.write(first, () => response.socket?.resetAndDestroy())
    return
  }
  response.socket?.resetAndDestroy()
}

function sendSlowly(response: Response, answer: Answer, fault: Fault & { kind: 'slow' }): void {
  const later = setTimeout(() => {
    if (fault.bytesPerS === undefined) send(response, answer)
    else drip(response, answer, fault.bytesPerS)
  }, fault.delayMs ?? 0)
  response.once('close', () => clearTimeout(later))
}

function drip(response: Response, answer: Answer, bytesPerS: number): void {
  const bytes = Buffer.from(answer.body)
  const step = Math.max(1, Math.round(bytesPerS / 20))
  let at = 0
  response.writeHead(answer.status, { ...answer.headers, 'content-type': answer.type ?? 'application/json' })
  const timer = setInterval(() => {
    response.write(bytes.subarray(at, at + step))
    at += step
    if (at < bytes.length) return
    clearInterval(timer)
    response.end()
  }, 50)
  response.once('close', () => clearInterval(timer))
}
