/** The cookie that binds a sign-in to the browser that began it: one per browser, so that two tabs can connect at once. */
import { randomBytes } from 'node:crypto'

/** The time in which a sign-in must come back. */
export const SIGN_IN_MS = 10 * 60_000

const VALUE = /^[A-Za-z0-9_-]{43}$/

/** `__Host-` needs https: no other host, path or plain connection can then set it. */
function cookieName(publicUrl: string): string {
  return isHttps(publicUrl) ? '__Host-cn-browser' : 'cn-browser'
}

const isHttps = (publicUrl: string): boolean => new URL(publicUrl).protocol === 'https:'

/** The browser's secret out of a Cookie header. */
export function readBrowserCookie(publicUrl: string, header: string | undefined): string | undefined {
  const prefix = `${cookieName(publicUrl)}=`
  const values = (header ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(prefix))
    .map((part) => part.slice(prefix.length))
  // Two of one name: another site of this host may have set one, and nobody can say which.
  const [value] = values
  return values.length === 1 && value !== undefined && VALUE.test(value) ? value : undefined
}

export const newBrowserSecret = (): string => randomBytes(32).toString('base64url')

/** The Set-Cookie header. Lax: the provider's redirect back is a navigation from another site. */
export function browserCookie(publicUrl: string, secret: string): string {
  const parts = [
    `${cookieName(publicUrl)}=${secret}`,
    'Path=/',
    `Max-Age=${SIGN_IN_MS / 1000}`,
    'HttpOnly',
    'SameSite=Lax',
  ]
  return (isHttps(publicUrl) ? [...parts, 'Secure'] : parts).join('; ')
}
