/** Address lists of mail headers (RFC 5322 3.4): `"Prado, Lucía" <lucia@mail.example>, ravi@mail.example`. Pure; takes anything. */
import { decodeWords } from './mail-text.js'

export interface Address {
  readonly email: string
  readonly name: string | undefined
}

/** More than so many people are a mailing list; what is longer than so much is none at all. */
const MAX_ADDRESSES = 500
const MAX_CHARACTERS = 100_000

export function parseAddresses(header: string | undefined): readonly Address[] {
  return splitList((header ?? '').slice(0, MAX_CHARACTERS))
    .slice(0, MAX_ADDRESSES)
    .flatMap((text) => parseAddress(text) ?? [])
}

/** Commas and semicolons part addresses, but not inside quotes, brackets or remarks. A group's name ends with a colon. */
function splitList(text: string): readonly string[] {
  const parts: string[] = []
  let part = ''
  let closing = ''
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at)
    if (character === '\\' && closing === '"') {
      part += text.slice(at, at + 2)
      at += 1
    } else if (closing === '' && (character === ',' || character === ';')) {
      parts.push(part)
      part = ''
    } else if (closing === '' && character === ':') part = ''
    else {
      part += character
      if (character === closing) closing = ''
      else if (closing === '') closing = CLOSINGS[character] ?? ''
    }
  }
  return [...parts, part]
}

const CLOSINGS: Readonly<Record<string, string>> = { '"': '"', '<': '>', '(': ')' }

function parseAddress(text: string): Address | undefined {
  const open = text.lastIndexOf('<')
  if (open === -1) {
    const bare = text.replace(/\([^)]{0,200}\)/g, '').trim()
    return bare.includes('@') ? { email: bare, name: undefined } : undefined
  }
  const end = text.indexOf('>', open)
  const email = text.slice(open + 1, end === -1 ? undefined : end).trim()
  return email.includes('@') ? { email, name: nameOf(text.slice(0, open)) } : undefined
}

function nameOf(text: string): string | undefined {
  const trimmed = text.trim()
  const quoted = /^"([^]*)"$/.exec(trimmed)?.[1]?.replace(/\\(.)/g, '$1')
  const name = decodeWords(quoted ?? trimmed).trim()
  return name === '' ? undefined : name
}
