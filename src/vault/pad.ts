/** Padding of plaintext, so that a storage node does not learn the length of a record (protocol.md 1.4). */

/** Sealed plaintext is a multiple of this many bytes. */
export const PAD_BYTES = 256

const SPACE = 0x20

/** UTF-8 of a JSON text, filled up with trailing spaces, which JSON.parse ignores. */
export function padJson(json: string): Buffer {
  const size = Buffer.byteLength(json, 'utf8')
  const padded = Buffer.allocUnsafe(Math.ceil(size / PAD_BYTES) * PAD_BYTES)
  padded.write(json, 'utf8')
  return padded.fill(SPACE, size)
}
