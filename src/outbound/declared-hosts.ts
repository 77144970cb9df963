/** Which addresses a provider's calls may go to: the hosts it declares, origins that the operator set, and servers that an account names. */
import { isIP } from 'node:net'
import { NodeError } from '../errors.js'
import {
  authOfTokens,
  NO_FIELDS,
  originOfField,
  privateOrigins,
  serverOfField,
  type Provider,
  type SettingsOf,
  type SettingsShape,
  type Tokens,
} from '../provider/index.js'
import type { Reach } from './network.js'
import { isPublicAddress } from '../lib/public-address.js'

export interface Target {
  readonly url: URL
  readonly reach: Reach
}

export interface DeclaredHosts {
  /** @throws NodeError PROVIDER_CHANGED: another host, port or scheme, or credentials in the address */
  target(address: string | URL): Target
  /** For a server that does not speak HTTP. @throws NodeError PROVIDER_CHANGED: not one that the account names */
  server(host: string, port: number): Reach
}

/** How an account was connected and what was entered: whose servers may be called. */
export type Connected = Pick<Tokens, 'kind' | 'fields'>

export interface FurtherHosts {
  /** Addresses that the provider declares elsewhere, such as its token endpoint: their hosts count too. */
  readonly further?: readonly string[]
  /** Missing: hosts that accounts name are not called. */
  readonly connected?: Connected | undefined
}

const SETTING = 'setting:'
const FIELD = 'field:'

export function declaredHosts(
  provider: Pick<Provider, 'id' | 'hosts' | 'settings' | 'auth'>,
  settings: SettingsOf<SettingsShape>,
  { further = [], connected }: FurtherHosts = {},
): DeclaredHosts {
  const reachByOrigin = new Map<string, Reach>()
  const reachByServer = new Map<string, Reach>()
  for (const address of further) {
    const { origin, protocol } = new URL(address)
    if (protocol === 'https:') reachByOrigin.set(origin, 'public')
  }
  for (const host of provider.hosts) {
    if (host.startsWith(SETTING)) addSetting(reachByOrigin, provider, settings, host.slice(SETTING.length))
    else if (!host.startsWith(FIELD)) reachByOrigin.set(`https://${host.toLowerCase()}`, 'public')
  }
  if (connected !== undefined) addFields(reachByOrigin, reachByServer, { provider, settings, connected })
  const undeclared = (): NodeError =>
    new NodeError('PROVIDER_CHANGED', { detail: `${provider.id}: a call to a host it does not declare` })
  return {
    target(address) {
      const url = parse(provider.id, address)
      const reach = reachByOrigin.get(url.origin)
      if (reach === undefined || url.username !== '' || url.password !== '') throw undeclared()
      return { url, reach }
    },
    server(host, port) {
      const name = isIP(host) === 6 ? `[${host}]` : host.toLowerCase()
      const reach = reachByServer.get(`${name}:${port}`)
      if (reach === undefined) throw undeclared()
      return reach
    },
  }
}

function parse(providerId: string, address: string | URL): URL {
  try {
    return new URL(address)
  } catch {
    // The parser's own error quotes the address, which may hold a token.
    throw new NodeError('PROVIDER_CHANGED', { detail: `${providerId}: not an absolute address` })
  }
}

function addSetting(
  reachByOrigin: Map<string, Reach>,
  { settings: shape }: Pick<Provider, 'settings'>,
  settings: SettingsOf<SettingsShape>,
  name: string,
): void {
  const setting = shape[name]
  const value = settings[name]
  if (setting?.kind !== 'origin' || typeof value !== 'string') return
  const { origin, protocol } = new URL(value)
  if (protocol !== 'https:' && protocol !== 'http:') return
  // A default that nobody changed is the provider's word and not the operator's.
  const isDefault = setting.fallback !== undefined && new URL(setting.fallback).origin === origin
  reachByOrigin.set(origin, isDefault && !isLocal(value) ? 'public' : 'operator')
}

interface FieldHosts {
  readonly provider: Pick<Provider, 'id' | 'hosts' | 'auth'>
  readonly settings: SettingsOf<SettingsShape>
  readonly connected: Connected
}

/** What was entered was checked then; it is checked again here, since rules, lists and rows may have changed. */
function addFields(
  reachByOrigin: Map<string, Reach>,
  reachByServer: Map<string, Reach>,
  { provider, settings, connected }: FieldHosts,
): void {
  const { fields: shape = {} } = authOfTokens(provider, connected)
  const { texts } = connected.fields ?? NO_FIELDS
  const allowed = privateOrigins(settings)
  for (const host of provider.hosts) {
    if (!host.startsWith(FIELD)) continue
    const name = host.slice(FIELD.length)
    const origin = originOfField(shape[name], texts[name], allowed)
    // What the provider or the operator named keeps the reach that it has.
    if (origin !== undefined && !reachByOrigin.has(origin.address))
      reachByOrigin.set(origin.address, origin.isListed ? 'operator' : 'public')
    const server = serverOfField(shape[name], texts[name], allowed)
    if (server !== undefined) reachByServer.set(server.address, server.isListed ? 'operator' : 'public')
  }
}

function isLocal(address: string): boolean {
  const host = new URL(address).hostname.replace(/^\[(.*)\]$/, '$1')
  return host === 'localhost' || (isIP(host) !== 0 && !isPublicAddress(host))
}
