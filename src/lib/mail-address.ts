/** Addresses of mail: few enough forms of them that none can carry a header, a second recipient or a comment. */

/** RFC 5321 4.5.3.1: a local part of 64, a path of 256 with its angle brackets. */
const MOST = 254
const LOCAL = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/
const DOMAIN = /^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/

/** A plain address such as `ann@app.example`: ASCII, without quotes, spaces, comments or line ends. */
export function isMailAddress(text: string): boolean {
  const at = text.lastIndexOf('@')
  return (
    text.length <= MOST &&
    at > 0 &&
    at <= 64 &&
    LOCAL.test(text.slice(0, at)) &&
    DOMAIN.test(text.slice(at + 1))
  )
}

export interface Sender {
  readonly name: string
  readonly address: string
}

/** `Name <address>`, or an address alone. */
export function readSender(text: string): Sender | undefined {
  const [, name = '', bracketed] = /^([^<>"\p{Cc}]{0,100}?)\s*<([^<>]+)>$/u.exec(text.trim()) ?? []
  const address = bracketed ?? text.trim()
  return isMailAddress(address) ? { name: name.trim(), address } : undefined
}

/**
 * Whether two addresses reach the same mailbox: whatever their case, and at Gmail whatever their dots.
 * https://support.google.com/mail/answer/7436150
 */
export function isSameMailbox(one: string, other: string): boolean {
  return mailbox(one) === mailbox(other)
}

function mailbox(address: string): string {
  const lower = address.trim().toLowerCase()
  const [, local, domain] = /^(.+)@([^@]+)$/.exec(lower) ?? []
  if (local === undefined || (domain !== 'gmail.com' && domain !== 'googlemail.com')) return lower
  return `${local.replaceAll('.', '')}@gmail.com`
}
