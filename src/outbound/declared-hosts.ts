/** Which addresses a provider's calls may go to: the hosts it declares, and origins that the operator set. */
import { isIP } from 'node:net'
import { NodeError } from '../errors.js'
import type { Provider, SettingsOf, SettingsShape } from '../provider/index.js'
import type { Reach } from './network.js'
import { isPublicAddress } from './public-address.js'

export interface Target {
  readonly url: URL
  readonly reach: Reach
}

export interface DeclaredHosts {
  /** @throws NodeError PROVIDER_CHANGED: another host, port or scheme, or credentials in the address */
  target(address: string | URL): Target
}

const SETTING = 'setting:'

/** `further` are addresses that the provider declares elsewhere, such as its token endpoint: their hosts count too. */
export function declaredHosts(
  provider: Pick<Provider, 'id' | 'hosts' | 'settings'>,
  settings: SettingsOf<SettingsShape>,
  further: readonly string[] = [],
): DeclaredHosts {
  const reachByOrigin = new Map<string, Reach>()
  for (const address of further) {
    const { origin, protocol } = new URL(address)
    if (protocol === 'https:') reachByOrigin.set(origin, 'public')
  }
  for (const host of provider.hosts) {
    if (!host.startsWith(SETTING)) reachByOrigin.set(`https://${host.toLowerCase()}`, 'public')
    else addSetting(reachByOrigin, provider, settings, host.slice(SETTING.length))
  }
  return {
    target(address) {
      const url = parse(provider.id, address)
      const reach = reachByOrigin.get(url.origin)
      if (reach === undefined || url.username !== '' || url.password !== '')
        throw new NodeError('PROVIDER_CHANGED', {
          detail: `${provider.id}: a call to a host it does not declare`,
        })
      return { url, reach }
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

function isLocal(address: string): boolean {
  const host = new URL(address).hostname.replace(/^\[(.*)\]$/, '$1')
  return host === 'localhost' || (isIP(host) !== 0 && !isPublicAddress(host))
}
