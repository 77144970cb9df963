/** Base64url (RFC 4648 5) without padding, decoded strictly: one text for one byte string, so that no seal has twins. */

/** The bytes of a base64url text; `undefined` when it is not exactly the text of its bytes. */
export function fromBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}
