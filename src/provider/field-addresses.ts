/** Reads the fields that name a server: checked when they are entered, and again each time they are used. It resolves no name. */
import { isIP } from 'node:net'
import { isPublicAddress } from '../lib/public-address.js'
import type { Field, HostField, OriginField, ToldField } from './fields.js'
import type { SettingsOf, SettingsShape } from './settings.js'

/** One DNS label in lower case (RFC 1123 2.1). */
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
/** Dots inside: a name of the operator's own network has none, and people mean none. */
const HOST_NAME = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/

/** Origins of people's own that the operator allows to be private or plain http: the text setting `allowPrivateOrigins`. */
export function privateOrigins(settings: SettingsOf<SettingsShape>): readonly string[] {
  const { allowPrivateOrigins: listed } = settings
  return typeof listed === 'string' ? listed.split(/[\s,]+/).filter((one) => one !== '') : []
}

/** The whole host of a label, or of the host itself; also as people copy it, with `https://` and a path. `undefined`: neither. */
export function readHost({ host: form }: HostField, text: string): string | undefined {
  const [before = '', after = ''] = form.split('{}')
  const typed = text
    .trim()
    .toLowerCase()
    .replace(/^https:\/\//, '')
    .replace(/\/.*$/, '')
  const isWhole =
    typed.length > before.length + after.length && typed.startsWith(before) && typed.endsWith(after)
  const label = isWhole ? typed.slice(before.length, typed.length - after.length) : typed
  return LABEL.test(label) ? `${before}${label}${after}` : undefined
}

/**
 * An https origin of a public name or address, or one that the operator listed; with `port` the `host:port` of a server
 * that does not speak HTTP. `undefined`: none, or one with a path, a query or a password in it.
 */
export function readOrigin(
  { port }: OriginField,
  text: string,
  allowed: readonly string[],
): string | undefined {
  if (port !== undefined) return readServer(text.trim(), port, allowed)
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) return undefined
  const isPlain = url.pathname === '/' && url.search === '' && url.hash === ''
  if (!isPlain || url.username !== '' || url.password !== '') return undefined
  if (allowed.includes(url.origin)) return url.origin
  return url.protocol === 'https:' && isOutside(url.hostname) ? url.origin : undefined
}

/** Without a scheme, which says nothing for such a server. */
function readServer(text: string, port: number, allowed: readonly string[]): string | undefined {
  const scheme = `tcp-server://${text}`
  if (!/^[a-z0-9.:[\]-]+$/i.test(text) || !URL.canParse(scheme)) return undefined
  const url = new URL(scheme)
  if (url.hostname === '' || url.pathname !== '' || url.username !== '') return undefined
  const server = `${url.hostname.toLowerCase()}:${url.port === '' ? port : url.port}`
  return allowed.includes(server) || isOutside(url.hostname.toLowerCase()) ? server : undefined
}

/** A name or address that may be public; which address a name has is looked at when it is connected to. */
function isOutside(host: string): boolean {
  const literal = host.replace(/^\[(.*)\]$/, '$1')
  return isIP(literal) === 0 ? HOST_NAME.test(host) : isPublicAddress(literal)
}

const MAX_TOLD = 2_000

/** Whether a value that a service told may be kept. */
export function isToldValue({ originUnder }: ToldField, value: string): boolean {
  if (originUnder === undefined) return value !== '' && value.length <= MAX_TOLD && !/[\p{Cc}]/u.test(value)
  const url = URL.canParse(value) ? new URL(value) : undefined
  return (
    url !== undefined &&
    url.origin === value.replace(/\/$/, '') &&
    url.protocol === 'https:' &&
    url.port === '' &&
    originUnder.some((end) => url.hostname === end || url.hostname.endsWith(`.${end.replace(/^\./, '')}`))
  )
}

/** An origin that calls may go to. */
export interface ServerAddress {
  readonly address: string
  /** The operator allowed it by name: it may be private, or plain http. */
  readonly isListed: boolean
}

/** The https (or listed) origin that a field names; `undefined` when it names none, or its value does not pass any more. */
export function originOfField(
  field: Field | undefined,
  value: string | undefined,
  allowed: readonly string[],
): ServerAddress | undefined {
  if (field === undefined || value === undefined) return undefined
  if (field.kind === 'host') {
    const host = readHost(field, value)
    return host === undefined ? undefined : { address: `https://${host}`, isListed: false }
  }
  if (field.kind === 'told' && field.originUnder !== undefined)
    return isToldValue(field, value) ? { address: new URL(value).origin, isListed: false } : undefined
  if (field.kind !== 'origin' || field.port !== undefined) return undefined
  const origin = readOrigin(field, value, allowed)
  return origin === undefined ? undefined : { address: origin, isListed: allowed.includes(origin) }
}

/** As `originOfField`, for the `host:port` of a server that does not speak HTTP. */
export function serverOfField(
  field: Field | undefined,
  value: string | undefined,
  allowed: readonly string[],
): ServerAddress | undefined {
  if (field?.kind !== 'origin' || field.port === undefined || value === undefined) return undefined
  const server = readOrigin(field, value, allowed)
  return server === undefined ? undefined : { address: server, isListed: allowed.includes(server) }
}
