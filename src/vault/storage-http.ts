/** JSON over HTTP to one storage node: keep-alive, own time-outs, size caps; it neither authenticates nor retries. */
import { Agent, request } from 'undici'
import { NodeError } from '../errors.js'
import type { Json } from '../lib/canonical-json.js'

/** What a storage node answered: any status, JSON only. */
export interface StorageAnswer {
  readonly status: number
  readonly body: Json
}

export interface StorageCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Path and query below the base address. */
  readonly path: string
  /** A Buffer is sent as it is, so that one body serves every node. */
  readonly body?: Buffer | Json
  readonly token?: string
  readonly signal?: AbortSignal
}

export interface StorageHttpOptions {
  /** Longest time without headers or without a byte, and half of the longest whole exchange. */
  readonly timeoutMs: number
  readonly maxAnswerBytes: number
}

export const STORAGE_HTTP_DEFAULTS: StorageHttpOptions = {
  timeoutMs: 15_000,
  maxAnswerBytes: 128 * 1024 * 1024,
}

/** One node's connections. */
export class StorageHttp {
  readonly #agent: Agent
  readonly #options: StorageHttpOptions
  /** HTTP exchanges so far, for the bench and for tests. */
  calls = 0

  constructor(options: StorageHttpOptions = STORAGE_HTTP_DEFAULTS) {
    this.#options = options
    const { timeoutMs, maxAnswerBytes } = options
    this.#agent = new Agent({
      connections: 8,
      keepAliveTimeout: 30_000,
      connectTimeout: timeoutMs,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      maxResponseSize: maxAnswerBytes,
    })
  }

  /** @throws NodeError STORAGE_UNREACHABLE: no answer, not in time, or not JSON. An abort by the caller is thrown as it is. */
  async send(base: string, call: StorageCall): Promise<StorageAnswer> {
    // A peer that drips bytes keeps every idle time-out happy: the whole exchange has an end of its own.
    const deadline = AbortSignal.timeout(this.#options.timeoutMs * 2)
    this.calls += 1
    try {
      const answer = await request(base + call.path, {
        dispatcher: this.#agent,
        method: call.method,
        headers: headersOf(call),
        ...(call.body === undefined
          ? {}
          : { body: Buffer.isBuffer(call.body) ? call.body : JSON.stringify(call.body) }),
        signal: call.signal === undefined ? deadline : AbortSignal.any([call.signal, deadline]),
      })
      return { status: answer.statusCode, body: JSON.parse(await answer.body.text()) as Json }
    } catch (cause) {
      call.signal?.throwIfAborted()
      // The peer's own words are not repeated: they may hold anything.
      const reason = cause instanceof SyntaxError ? 'not JSON' : deadline.aborted ? 'time-out' : codeOf(cause)
      throw new NodeError('STORAGE_UNREACHABLE', { detail: `${new URL(base).origin}: ${reason}` })
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy()
  }
}

function headersOf(call: StorageCall): Record<string, string> {
  return {
    accept: 'application/json',
    ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(call.token === undefined ? {} : { authorization: `Bearer ${call.token}` }),
  }
}

function codeOf(cause: unknown): string {
  const code = cause instanceof Error ? (cause as Error & { code?: unknown }).code : undefined
  return typeof code === 'string' ? code : 'no answer'
}
