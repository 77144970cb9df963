/** Text of mail: bytes of parts and words of headers. Pure; takes anything. */

/** More text than this is no letter: it would make a record that no reader opens. */
export const MAX_TEXT = 1_000_000

/** The text of a part: Gmail mostly gives UTF-8 whatever the part declares, so that is tried first. */
export function decodeBody(data: string, charset: string | undefined): string {
  // Four characters hold three bytes, and a character may have four of those.
  const most = MAX_TEXT * 6
  const bytes = Buffer.from(data.slice(0, most), 'base64url')
  const isCut = data.length > most
  const text =
    decode(bytes, 'utf-8', isCut) ?? decode(bytes, charset ?? '', isCut) ?? bytes.toString('latin1')
  return text.slice(0, MAX_TEXT)
}

/** Undefined when the bytes are not of that charset, or it is none. The half of a character at a cut is left out. */
function decode(bytes: Uint8Array, charset: string, isCut = false): string | undefined {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes, { stream: isCut })
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return undefined
    throw error
  }
}

const ENCODED = /=\?([\w-]{1,40})(?:\*[\w-]{1,40})?\?([bq])\?([^?\s]{0,400})\?=/gi

/** RFC 2047: `=?utf-8?q?Ol=C3=A1?=`. Gmail mostly has done it already. */
export function decodeWords(header: string): string {
  return header
    .replace(/(\?=)\s{1,8}(?==\?)/g, '$1') // White space between two encoded words is none.
    .replace(ENCODED, (whole, charset: string, form: string, word: string) => {
      const bytes = form.toLowerCase() === 'b' ? Buffer.from(word, 'base64') : quotedBytes(word)
      return decode(bytes, charset) ?? whole
    })
}

function quotedBytes(word: string): Buffer {
  const plain = word
    .replaceAll('_', ' ')
    .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
  return Buffer.from(plain, 'latin1')
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
}

/** `&amp;`, `&#39;`, `&#x2019;`; unknown ones stay. */
export function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,6}));/gi, (whole, decimal, hex, name) => {
    if (typeof name === 'string') return ENTITIES[name.toLowerCase()] ?? whole
    const code = typeof decimal === 'string' ? Number(decimal) : parseInt(String(hex), 16)
    return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
      ? String.fromCodePoint(code)
      : whole
  })
}
