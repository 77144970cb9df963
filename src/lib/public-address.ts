/** Tells addresses of the public internet from all others; it resolves nothing. */
import { BlockList, isIP } from 'node:net'

/** IANA special-purpose IPv4 blocks: this host, private, shared, loopback, link-local, documentation, multicast, reserved. */
const SPECIAL_V4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const

/** Inside 2000::/3, the only public unicast block: protocol assignments with Teredo, documentation, 6to4. */
const SPECIAL_V6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const

const specialV4 = new BlockList()
for (const [net, prefix] of SPECIAL_V4) specialV4.addSubnet(net, prefix, 'ipv4')
const specialV6 = new BlockList()
for (const [net, prefix] of SPECIAL_V6) specialV6.addSubnet(net, prefix, 'ipv6')
const publicV6 = new BlockList()
publicV6.addSubnet('2000::', 3, 'ipv6')
const translated = new BlockList()
translated.addSubnet('64:ff9b::', 96, 'ipv6')

/** Whether an address literal is one of the public internet. What is no address, or has a zone, is not. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 4) return !specialV4.check(address, 'ipv4')
  if (isIP(address) !== 6 || address.includes('%')) return false
  if (translated.check(address, 'ipv6')) return isPublicAddress(embeddedV4(address))
  return publicV6.check(address, 'ipv6') && !specialV6.check(address, 'ipv6')
}

/** The IPv4 address that a network with IPv6 only reaches by translation (RFC 6052). */
function embeddedV4(address: string): string {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [high, low, ...more] = (canonical.split('::')[1] ?? '').split(':').map((group) => parseInt(group, 16))
  if (high === undefined || low === undefined || more.length > 0) return ''
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}
