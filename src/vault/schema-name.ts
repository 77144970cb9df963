/** A schema's name inside key derivation: it must not change with the address of a node (DESIGN.md 6). */

/** Verida's own hosts, whose addresses are part of its schemas' identity. */
const VERIDA_HOST = /(^|\.)schemas\.verida\.io$/

/** The path of our own schemas, whatever host serves them; host and path of Verida's. @throws TypeError when it is no URL */
export function schemaName(uri: string): string {
  const { hostname, pathname } = new URL(uri)
  return VERIDA_HOST.test(hostname) ? hostname + pathname : pathname
}
