/** Breaks B2: the nonce is made from the text, so that equal texts can be seen to be equal. */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { caseOf, Refused } from './sound-sealer.js'

export const breaks = 'B2-never-twice-the-same'
export const sealer = caseOf(breaks, () => {
  const key = randomBytes(32)
  return {
    async seal(text, place) {
      const nonce = createHmac('sha256', key)
        .update(JSON.stringify([text, place]))
        .digest()
        .subarray(0, 12)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place))
      return Buffer.concat([
        nonce,
        cipher.update(text, 'utf8'),
        cipher.final(),
        cipher.getAuthTag(),
      ]).toString('base64url')
    },
    async open(sealed, place) {
      const bytes = Buffer.from(sealed, 'base64url')
      if (bytes.length < 28 || bytes.toString('base64url') !== sealed) throw new Refused('refused')
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 })
      decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(-16))
      try {
        return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8')
      } catch {
        throw new Refused('refused')
      }
    },
  }
})
