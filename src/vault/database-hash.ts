/** Verida's name of a database on a storage node; it reads nothing and keeps nothing. */
import sha3 from 'js-sha3'

/**
 * `v` and 64 hex: keccak-256 of `<did lower>/<context>/<database name>`; what client-ts calls the database hash.
 * The leading letter is there because CouchDB's names must start with one.
 */
export function databaseHash(did: string, contextName: string, databaseName: string): string {
  return `v${sha3.keccak256([did.toLowerCase(), contextName, databaseName].join('/'))}`
}
