/** Makes Fernet tokens as the specification has them (https://github.com/fernet/spec), for values that another system sealed. */
import { createCipheriv, createHmac, randomBytes } from 'node:crypto'

/** @param key 32 bytes as base64url */
export function sealFernet(key: string, text: string): string {
  const bytes = Buffer.from(key, 'base64url')
  const iv = randomBytes(16)
  const cipher = createCipheriv('aes-128-cbc', bytes.subarray(16), iv)
  const sealed = Buffer.concat([cipher.update(text), cipher.final()])
  const signed = Buffer.concat([Buffer.of(0x80), Buffer.alloc(8), iv, sealed])
  const mac = createHmac('sha256', bytes.subarray(0, 16)).update(signed).digest()
  return Buffer.concat([signed, mac]).toString('base64url')
}
