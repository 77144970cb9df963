/** A receiver of webhooks as an application would write one from the specification's text, sharing no code with what sends. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  readonly id: string
  readonly timestamp: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
  readonly json: { readonly type: string; readonly timestamp: string; readonly data: Record<string, unknown> }
  /** By the secret that the receiver was given. */
  readonly verified: boolean
}

export type Answer = number | ((res: ServerResponse, received: Received) => void)

export interface Receiver {
  readonly origin: string
  readonly url: string
  readonly received: readonly Received[]
  /** Requests that are being answered now, and the most there ever were. */
  readonly open: { now: number; most: number }
  secret: string
  /** Of the next requests, one each; then `always`. */
  answers: Answer[]
  always: Answer
  until(count: number): Promise<readonly Received[]>
  close(): Promise<void>
}

/** `webhook-signature` is a list of signatures delimited by spaces; `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`. */
export function verify(
  secret: string,
  headers: Readonly<Record<string, unknown>>,
  body: string,
  nowSeconds = Date.now() / 1_000,
  toleranceSeconds = 300,
): boolean {
  const id = String(headers['webhook-id'])
  const timestamp = String(headers['webhook-timestamp'])
  if (!/^\d+$/.test(timestamp) || Math.abs(nowSeconds - Number(timestamp)) > toleranceSeconds) return false
  if (!secret.startsWith('whsec_')) return false
  const key = Buffer.from(secret.slice(6), 'base64')
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest()
  return String(headers['webhook-signature'])
    .split(' ')
    .some((entry) => {
      const [version, signature = ''] = entry.split(',')
      const given = Buffer.from(signature, 'base64')
      return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected)
    })
}

export async function openReceiver(options: { readonly toleranceSeconds?: number } = {}): Promise<Receiver> {
  const received: Received[] = []
  const waiting = new Set<{ readonly count: number; readonly resolve: () => void }>()
  const open = { now: 0, most: 0 }
  const server = createServer((req, res) => {
    open.most = Math.max(open.most, (open.now += 1))
    res.once('close', () => (open.now -= 1))
    void readText(req).then((text) => {
      const { secret, answers, always } = receiver
      const one: Received = {
        id: String(req.headers['webhook-id']),
        timestamp: Number(req.headers['webhook-timestamp']),
        headers: req.headers,
        text,
        json: JSON.parse(text) as Received['json'],
        verified: verify(secret, req.headers, text, undefined, options.toleranceSeconds),
      }
      received.push(one)
      const answer = answers.shift() ?? always
      if (typeof answer === 'number') res.writeHead(answer).end()
      else answer(res, one)
      for (const waiter of waiting) if (received.length >= waiter.count) waiter.resolve()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const receiver: Receiver = {
    origin,
    url: `${origin}/hooks`,
    received,
    open,
    secret: '',
    answers: [],
    always: 204,
    until: (count) =>
      new Promise((resolve) => {
        const done = (): void => resolve(received)
        if (received.length >= count) done()
        else waiting.add({ count, resolve: done })
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return receiver
}

async function readText(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
