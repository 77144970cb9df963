/** Where webhooks may be sent: https on the public internet, or an origin that the operator set for development. */
import { isIP } from 'node:net'
import { isPublicAddress } from '../../lib/public-address.js'
import type { Reach } from '../../outbound/index.js'

export interface Receiver {
  readonly url: URL
  readonly reach: Reach
}

const MAX_LENGTH = 2_000

/** Gives a sentence about what is wrong with it. Names are looked up, and their addresses checked, at every connection. */
export function receiverAt(text: string, allowOrigins: readonly string[]): Receiver | string {
  if (text.length > MAX_LENGTH) return `must have at most ${MAX_LENGTH} characters`
  if (!URL.canParse(text)) return 'must be an absolute address'
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') return 'must not hold a name or a password'
  if (url.hash !== '') return 'must not have a fragment'
  if (allowOrigins.includes(url.origin)) return { url, reach: 'operator' }
  if (url.protocol !== 'https:') return 'must be https'
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const isLocal = isIP(host) === 0 ? !host.includes('.') : !isPublicAddress(host)
  return isLocal ? 'must be an address of the public internet' : { url, reach: 'public' }
}
