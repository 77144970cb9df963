/** The address that the success page's button leads to (vault.md 7.1): these parameters and nothing else, each percent-encoded. */
import { NodeError } from '../errors.js'

/** Values in their order. */
export function linkTo(base: string, values: Readonly<Record<string, string>>): string {
  const query = Object.entries(values)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')
  return `${base}${base.includes('?') ? '&' : '?'}${query}`
}

/**
 * An address of another origin that may take the result instead of the Vault: only of the origins that the operator listed.
 * @throws NodeError REDIRECT_REFUSED
 */
export function checkedRedirect(redirect: string, origins: readonly string[]): string {
  const url = URL.canParse(redirect) ? new URL(redirect) : undefined
  const isPlain = url !== undefined && url.username === '' && url.password === '' && url.hash === ''
  const isListed = url !== undefined && origins.some((origin) => new URL(origin).origin === url.origin)
  if (url === undefined || !isPlain || !isListed || !/^https?:$/.test(url.protocol))
    throw new NodeError('REDIRECT_REFUSED')
  return url.href
}
