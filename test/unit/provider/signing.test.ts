/** Keyed digests: the published vectors, and secrets that stay hidden. */
import { describe, expect, it } from 'vitest'
import { hmacHex, Redacted } from '../../../src/provider/index.js'

describe('HMAC-SHA256', () => {
  it.each([
    // RFC 4231, cases 2 and 1.
    [
      'Jefe',
      'what do ya want for nothing?',
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
    ['\x0b'.repeat(20), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
  ])('gives the digest of the standard', (key, message, digest) => {
    expect(hmacHex(new Redacted(key), message)).toBe(digest)
    expect(hmacHex(new Redacted(key), new Redacted(message))).toBe(digest)
  })

  it('takes no text that only looks like a secret', () => {
    expect(() => hmacHex(Object.create(Redacted.prototype) as Redacted, 'x')).toThrow(TypeError)
  })
})
