/** The JSON of an answer: numbers stay exact, nesting is capped, and what is not JSON is never quoted. */
import { NodeError } from '../errors.js'
import type { JsonObject } from '../lib/canonical-json.js'
import { parseExactJson } from '../lib/exact-json.js'
import type { FailedAnswer } from '../provider/index.js'
import { CAPS } from './caps.js'
import type { OutboundAnswer } from './exchange.js'

/** `null` for an empty body. @throws NodeError PROVIDER_CHANGED: not JSON, or nested too deeply */
export function answerJson({ body }: OutboundAnswer, maxDepth = CAPS.jsonDepth): unknown {
  const text = new TextDecoder().decode(body)
  if (text.trim() === '') return null
  try {
    return parseExactJson(text, maxDepth)
  } catch {
    // The parser's message quotes the body, so it is not kept as the cause.
    throw new NodeError('PROVIDER_CHANGED', {
      detail: /^\s*</.test(text) ? 'a web page instead of JSON' : 'not JSON, or nested too deeply',
    })
  }
}

/** The answer as `classify` reads it. */
export function failedAnswer(answer: OutboundAnswer): FailedAnswer {
  return { status: answer.status, headers: answer.headers, json: jsonObject(answer) }
}

function jsonObject(answer: OutboundAnswer): JsonObject | undefined {
  try {
    const body = answerJson(answer)
    const json: unknown = Array.isArray(body) ? body[0] : body
    return typeof json === 'object' && json !== null && !Array.isArray(json)
      ? (json as JsonObject)
      : undefined
  } catch (error) {
    if (error instanceof NodeError) return undefined
    throw error
  }
}
