/**
 * The node's API for TypeScript programs: one function, whose inputs and answers are those of the operations that the
 * node validates. It needs `fetch` and nothing else of the node.
 */
import type { z } from 'zod'
import { API_PREFIX, movedPath, type Operation } from '../api/openapi/operation.js'
import type { operations } from '../api/openapi/operations.js'
import type { ErrorCode } from '../errors.js'
import { ROUTES } from './routes.js'

type Operations = typeof operations
export type OperationId = keyof Operations

type Part<O, K extends string> = O extends { readonly [P in K]: infer T extends z.ZodType }
  ? z.input<T>
  : never
type Needed<K extends string, T> = [T] extends [never]
  ? { readonly [P in K]?: never }
  : undefined extends T
    ? { readonly [P in K]?: T }
    : Partial<T> extends T
      ? { readonly [P in K]?: T }
      : { readonly [P in K]: T }

/** What a call takes: `params` of the path, `query`, `body`, each where the operation has it. */
export type Input<I extends OperationId> = Needed<'params', Part<Operations[I], 'params'>> &
  Needed<'query', Part<Operations[I], 'query'>> &
  Needed<'body', Part<Operations[I], 'body'>> & { readonly headers?: Readonly<Record<string, string>> }

type Bodies<A> = {
  [S in keyof A]: A[S] extends { readonly body: infer T extends z.ZodType } ? z.output<T> : string
}[keyof A]

/** What a call gives: the JSON of its answers; the text of what is no JSON. */
export type Output<I extends OperationId> = Operations[I] extends { readonly answers: infer A }
  ? Bodies<A>
  : never

export interface ClientOptions {
  /** Of the node; no slash at the end. */
  readonly url: string
  /** Of a node whose operator moved `/api` (API_PREFIX). */
  readonly apiPrefix?: string
  /** A JWT, a service token or the operator's token; asked for before each call. */
  readonly token?: () => string | Promise<string>
  readonly fetch?: typeof globalThis.fetch
}

/** A refusal or failure as the node tells it. Act on `code`. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  constructor(
    readonly status: number,
    readonly code: ErrorCode | 'ANSWER_UNREADABLE',
    message: string,
    readonly fields: readonly { readonly path: string; readonly message: string }[] = [],
    readonly retryAfterMs?: number,
  ) {
    super(`${code}: ${message}`)
  }
}

export interface Client {
  /** @throws ApiError for every answer that is no success */
  call<I extends OperationId>(
    id: I,
    ...input: Partial<Input<I>> extends Input<I> ? [Input<I>?] : [Input<I>]
  ): Promise<Output<I>>
}

type AnyInput = Readonly<
  Partial<Record<'params' | 'query' | 'headers', Readonly<Record<string, string | undefined>>>>
> & {
  readonly body?: unknown
}

export function createClient(options: ClientOptions): Client {
  const { url, apiPrefix = API_PREFIX, token, fetch = globalThis.fetch } = options
  return {
    async call(id, ...[input]) {
      const { params = {}, query = {}, headers, body } = (input ?? {}) as AnyInput
      const { method, path } = routeOf(id)
      const address = new URL(
        url +
          movedPath(path, apiPrefix).replace(/\{(\w+)\}/g, (_, name: string) =>
            encodeURIComponent(params[name] ?? ''),
          ),
      )
      for (const [name, value] of Object.entries(query))
        if (value !== undefined) address.searchParams.set(name, value)
      const answer = await fetch(address, {
        method,
        headers: {
          accept: 'application/json',
          ...(token && { authorization: `Bearer ${await token()}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      return (await read(answer)) as Output<typeof id>
    },
  }
}

function routeOf(id: OperationId): {
  readonly method: Uppercase<Operation['method']>
  readonly path: string
} {
  const [method, path] = ROUTES[id].split(' ') as [Uppercase<Operation['method']>, string]
  return { method, path }
}

/** Envelopes name the faults of fields as RFC 9457 does. */
type Refusal = Partial<ApiError> & { readonly errors?: ApiError['fields'] }

async function read(answer: Response): Promise<unknown> {
  const text = await answer.text()
  const isJson = /^application\/json\b/.test(answer.headers.get('content-type') ?? '')
  if (answer.ok) return isJson ? (JSON.parse(text) as unknown) : text
  const error = isJson ? (JSON.parse(text) as { error?: Refusal }).error : undefined
  if (error?.code === undefined)
    throw new ApiError(answer.status, 'ANSWER_UNREADABLE', 'the answer is not of this node')
  throw new ApiError(
    answer.status,
    error.code,
    error.message ?? '',
    error.fields ?? error.errors,
    error.retryAfterMs,
  )
}
