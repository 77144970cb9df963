/** Holds answers of a node against the API's document: an address, a status or a body that it does not know is a failure. */
import { z } from 'zod'
import { errorsOf } from '../../src/api/openapi/document.js'
import { isEnveloped, type Operation } from '../../src/api/openapi/operation.js'
import { operations } from '../../src/api/openapi/operations.js'
import { envelopedError, errorAnswer } from '../../src/api/openapi/shapes.js'
import { errorTable, type ErrorCode } from '../../src/errors.js'

export interface SeenAnswer {
  readonly method: string
  /** With or without query. */
  readonly path: string
  readonly status: number
  readonly type: string | null
  readonly text: string
}

/** `default` of the document: limits and failures may meet every request. */
const EVERYWHERE: readonly ErrorCode[] = [
  'TOO_MANY_REQUESTS',
  'STORE_UNAVAILABLE',
  'ISSUER_DOWN',
  'PROVIDER_DOWN',
]

const all: readonly (readonly [string, Operation])[] = Object.entries(operations)

const ids = all.map(([id, operation]) => ({
  id,
  operation,
  pattern: new RegExp(`^${operation.path.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
  names: operation.path.split('{').length,
}))

/** The operation that answers; of several patterns the one with the fewest names. */
export function operationOf(method: string, path: string): (typeof ids)[number] | undefined {
  const [bare = ''] = path.split('?')
  return ids
    .filter(({ operation, pattern }) => operation.method === method.toLowerCase() && pattern.test(bare))
    .sort((a, b) => a.names - b.names)[0]
}

/** `<operation> <status>`. @throws Error that says what the document does not know */
export function checkAnswer({ method, path, status, type, text }: SeenAnswer): string {
  const known = operationOf(method, path)
  if (known === undefined) throw new Error(`${method} ${path} is not in the document`)
  const { id, operation } = known
  const answer = operation.answers[status]
  const name = `${id} ${status}`
  if (answer !== undefined) {
    if (answer.body !== undefined && type?.includes('application/json'))
      check(name, answer.body, JSON.parse(text))
    return name
  }
  const { error } = isEnveloped(operation)
    ? check(name, envelopedError, JSON.parse(text))
    : check(name, errorAnswer, JSON.parse(text))
  if (![...errorsOf(operation), ...EVERYWHERE].includes(error.code))
    throw new Error(`${name}: ${error.code} is not documented for it`)
  if (errorTable[error.code].status !== status) throw new Error(`${name}: ${error.code} is of another status`)
  return `${name} ${error.code}`
}

function check<T>(name: string, schema: z.ZodType<T>, value: unknown): T {
  const read = schema.safeParse(value)
  if (read.success) return read.data
  throw new Error(`${name}: ${z.prettifyError(read.error)}\n${JSON.stringify(value).slice(0, 600)}`)
}
