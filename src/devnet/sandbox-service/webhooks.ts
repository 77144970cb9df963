/** Tells subscribers that a list has changed: signed with their secret and the time of sending, tried three times. */
import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Clock } from '../../lib/clock.js'
import { errorAnswer, jsonAnswer, type Answer } from './answer.js'
import type { SavedWebhook, StateFile } from './state.js'
import { streamNames, type StreamName } from './world.js'

const wanted = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  secret: z.string().min(16).max(200),
  streams: z.array(z.enum(streamNames)).min(1),
})

const TRIES = 3
const ANSWER_MS = 5_000
const WAIT_MS = 500

export class Webhooks {
  private readonly sending = new Set<Promise<void>>()

  constructor(
    private readonly file: StateFile,
    private readonly clock: Clock,
  ) {}

  list(): readonly (SavedWebhook & { readonly id: string })[] {
    return Object.entries(this.file.state.webhooks).map(([id, hook]) => ({ id, ...hook }))
  }

  async add(personId: string, body: unknown): Promise<Answer> {
    const read = wanted.safeParse(body)
    if (!read.success) return errorAnswer(400, 'invalid_webhook', z.prettifyError(read.error))
    const id = `hook-${randomBytes(8).toString('hex')}`
    this.file.state.webhooks[id] = { personId, ...read.data }
    await this.file.save()
    return jsonAnswer({ id, url: read.data.url, streams: read.data.streams }, 201)
  }

  async remove(personId: string, id: string): Promise<Answer> {
    if (this.file.state.webhooks[id]?.personId !== personId)
      return errorAnswer(404, 'not_found', 'There is no such webhook')
    const { [id]: _, ...others } = this.file.state.webhooks
    this.file.state.webhooks = others
    await this.file.save()
    return jsonAnswer({ removed: true })
  }

  /** Returns at once: whoever changes something does not wait for those who are told. */
  tell(personId: string, stream: StreamName): void {
    for (const hook of this.list()) {
      if (hook.personId !== personId || !hook.streams.includes(stream)) continue
      const body = JSON.stringify({ id: randomUUID(), stream })
      const sending = this.send(hook, body).finally(() => this.sending.delete(sending))
      this.sending.add(sending)
    }
  }

  async told(): Promise<void> {
    while (this.sending.size > 0) await Promise.all(this.sending)
  }

  private async send(hook: SavedWebhook, body: string): Promise<void> {
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      const headers = signedHeaders(hook.secret, body, this.clock.now())
      const answered = await fetch(hook.url, {
        method: 'POST',
        headers,
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(ANSWER_MS),
      }).then(
        ({ ok }) => ok,
        () => false,
      )
      if (answered) return
      if (attempt < TRIES) await new Promise((resolve) => setTimeout(resolve, WAIT_MS * attempt))
    }
  }
}

/** The signature covers the time and the body. */
export function signedHeaders(secret: string, body: string, nowMs: number): Record<string, string> {
  const time = String(nowMs)
  const signature = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')
  return { 'content-type': 'application/json', 'x-sandbox-time': time, 'x-sandbox-signature': signature }
}
