/** The secrets of one storage node, made at its first start and kept in its own folder; shared with no other node. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { EntryStore } from '../entry-store.js'

/** All in hexadecimal form. */
export interface NodeSecrets {
  /** Signs access tokens; the CouchDB side checks them with it. */
  readonly accessSecret: string
  /** Signs refresh tokens and sign-in requests. */
  readonly refreshSecret: string
  /** Signs the node's answers: 32 bytes. */
  readonly privateKey: string
  /** CouchDB's server admin. */
  readonly adminPassword: string
  /** CouchDB's user for what is open to everybody; not a secret, `/auth/public` tells it. */
  readonly publicPassword: string
}

const KEY = 'secrets'

export function nodeSecrets(folder: string): NodeSecrets {
  const store = new EntryStore<NodeSecrets>(join(folder, 'secrets'))
  const known = store.get(KEY)
  if (known !== undefined) return known
  const made: NodeSecrets = {
    accessSecret: fresh(),
    refreshSecret: fresh(),
    privateKey: fresh(),
    adminPassword: fresh(),
    publicPassword: fresh(),
  }
  store.set(KEY, made)
  return made
}

const fresh = (): string => randomBytes(32).toString('hex')
