/** Where schemas live: their URIs, and the paths under which the node serves them. Knows no schema's content. */

/** Our own schemas: a fixed base, so that their URIs do not change with the address of a node. */
export const SCHEMA_BASE_URL = 'https://schemas.connector-node.org/'

/** The places that schema URIs begin with, by the name the node serves them under. */
export const SCHEMA_HOSTS = {
  core: 'https://core.schemas.verida.io/',
  common: 'https://common.schemas.verida.io/',
  vault: 'https://vault.schemas.verida.io/',
  own: SCHEMA_BASE_URL,
} as const

const VERSIONED = /^(.+)\/v(\d+)\.(\d+)\.(\d+)\/schema\.json$/

/**
 * The path of the node's HTTP server that serves a schema: `/schemas/<host>/<path>/v<version>/schema.json`.
 * @throws RangeError when the URI is under none of the known hosts.
 */
export function schemaPath(uri: string): string {
  const { host, rest } = splitUri(uri)
  return `/schemas/${host}/${rest}`
}

/**
 * The `schemaPaths` setting of Verida's client: a rewrite of URI prefixes, so that it reads all schemas from one server.
 * `origin`: scheme, host and port, such as `http://127.0.0.1:5021`.
 */
export function schemaPathsAt(origin: string): Record<string, string> {
  const base = origin.replace(/\/+$/, '')
  return Object.fromEntries(
    Object.entries(SCHEMA_HOSTS).map(([host, url]) => [url, `${base}/schemas/${host}/`]),
  )
}

/**
 * The newest of `uris` with this short name (`social/post`), looked for under `hosts` in their order.
 * `undefined` when there is none.
 */
export function newestUri(
  short: string,
  uris: Iterable<string>,
  hosts: readonly string[],
): string | undefined {
  const all = [...uris]
  for (const host of hosts) {
    const versions = all.flatMap((uri) => {
      const match = uri.startsWith(host) ? VERSIONED.exec(uri.slice(host.length)) : null
      return match?.[1] === short ? [{ uri, version: match.slice(2, 5).map(Number) }] : []
    })
    const newest = versions.sort((a, b) => compareVersions(a.version, b.version)).at(-1)
    if (newest) return newest.uri
  }
  return undefined
}

function compareVersions(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((part, index) => part !== b[index])
  return at === -1 ? 0 : (a[at] ?? 0) - (b[at] ?? 0)
}

function splitUri(uri: string): { readonly host: string; readonly rest: string } {
  for (const [host, url] of Object.entries(SCHEMA_HOSTS)) {
    if (uri.startsWith(url)) return { host, rest: uri.slice(url.length) }
  }
  throw new RangeError('the schema URI is under no known host')
}
