/** Reads what a provider sends back with the browser; each parameter at most once. */
import type { Request } from 'express'
import type { CallbackQuery } from '../../connect/index.js'
import { optionalText } from './read-input.js'

const MAX_VALUE = 4096

/** @throws NodeError REQUEST_INVALID */
export function callbackQuery(query: Request['query']): CallbackQuery {
  const read = (name: string): string | undefined => optionalText(query, name, MAX_VALUE)
  return {
    code: read('code'),
    state: read('state'),
    iss: read('iss'),
    error: read('error'),
    error_code: read('error_code'),
    others: Object.fromEntries(
      Object.entries(query).filter(
        (entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1].length <= MAX_VALUE,
      ),
    ),
  }
}
