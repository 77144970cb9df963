/** Names within the destination: of a connection's cursors and of its records. They outlive every change of the node's secrets. */
import { hmac } from '../lib/keyed-hash.js'

export const DATABASE_PREFIX = 'tables:'

/** One per connection: names of streams are unique within it. */
export const databaseName = (connectionId: string): string => `${DATABASE_PREFIX}${connectionId}`

/**
 * 32 hex characters, keyed by the connector's random id alone: under another key a record that is read again would
 * become a second one. The schema is no part of it, so that a newer version of one keeps the ids.
 */
export function recordId(connectorId: string, stream: string, sourceId: string): string {
  const key = Buffer.from(connectorId, 'utf8')
  return hmac(key, ['cn/1/record', stream, sourceId]).toString('hex', 0, 16)
}
