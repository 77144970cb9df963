/** Standard Webhooks 1.0, symmetric: secrets `whsec_` and the signature over `id.timestamp.payload`. https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
import { createHmac, randomBytes } from 'node:crypto'
import { Redacted, reveal } from '../../lib/redacted.js'

const PREFIX = 'whsec_'
/** The specification: between 24 and 64. */
const SECRET_BYTES = 32

export const newSecret = (): Redacted =>
  new Redacted(`${PREFIX}${randomBytes(SECRET_BYTES).toString('base64')}`)

export interface SignedContent {
  readonly id: string
  /** In seconds; of this try, not of the event. */
  readonly timestamp: number
  readonly payload: string
}

/** The headers of a try: a signature by each secret, so that a receiver may know the newest or one before. */
export function signedHeaders(
  secrets: readonly Redacted[],
  content: SignedContent,
): Readonly<Record<string, string>> {
  return {
    'webhook-id': content.id,
    'webhook-timestamp': String(content.timestamp),
    'webhook-signature': secrets.map((secret) => signatureOf(secret, content)).join(' '),
  }
}

function signatureOf(secret: Redacted, { id, timestamp, payload }: SignedContent): string {
  const key = Buffer.from(reveal(secret).slice(PREFIX.length), 'base64')
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${payload}`, 'utf8').digest('base64')}`
}
