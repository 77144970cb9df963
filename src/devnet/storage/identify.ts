/** Who asks at the CouchDB side: an access token's user, the server admin, the public user, or another storage node. */
import type { IncomingMessage } from 'node:http'
import { equalSecrets, sha256 } from '../../lib/keyed-hash.js'
import type { UserContext } from '../couch/access.js'
import { CouchError } from '../couch/errors.js'
import { EntryStore } from '../entry-store.js'
import { PUBLIC_USER } from './permissions.js'
import type { NodeSecrets } from './secrets.js'
import type { Tokens } from './tokens.js'

export const ADMIN_USER = 'admin'

/** Another storage node, known by name and password. */
interface Peer {
  /** SHA-256, hexadecimal: passwords are random, made by the peer. */
  readonly passwordHash: string
  readonly roles: readonly string[]
}

export type PeerChange = 'created' | 'updated' | 'exists'

const NOBODY: UserContext = { name: null, roles: [], serverAdmin: false }

export class CouchUsers {
  readonly #peers: EntryStore<Peer>

  constructor(
    folder: string,
    private readonly secrets: NodeSecrets,
    private readonly tokens: Tokens,
  ) {
    this.#peers = new EntryStore(folder)
  }

  /** @throws CouchError with the statuses of CouchDB's own handlers: 400 for a token that is none, 401 for one that ended */
  identify(request: IncomingMessage): UserContext {
    const header = request.headers.authorization
    if (header === undefined) return NOBODY
    const [scheme = '', value = ''] = header.split(' ')
    if (/^bearer$/i.test(scheme)) return this.bearer(value)
    return /^basic$/i.test(scheme) ? this.basic(value) : NOBODY
  }

  /** Gives another node a role; a password given replaces the one it had. @throws RangeError when it has none and brings none */
  grantPeer(name: string, role: string, password: string | undefined): PeerChange {
    const known = this.#peers.get(name)
    const passwordHash = password === undefined ? known?.passwordHash : hashOf(password)
    if (passwordHash === undefined) throw new RangeError('no password')
    if (known?.passwordHash === passwordHash && known.roles.includes(role)) return 'exists'
    this.#peers.set(name, { passwordHash, roles: [...new Set([...(known?.roles ?? []), role])] })
    return known === undefined ? 'created' : 'updated'
  }

  private bearer(token: string): UserContext {
    const read = this.tokens.readAccess(token)
    switch (read.kind) {
      case 'malformed':
        throw new CouchError(400, 'bad_request', 'Malformed token')
      case 'forged':
        throw new CouchError(400, 'bad_request', 'Bad HMAC')
      case 'expired':
        throw new CouchError(401, 'unauthorized', 'exp not in future')
      case 'good':
        return { name: read.claims['sub'] as string, roles: [], serverAdmin: false }
    }
  }

  private basic(encoded: string): UserContext {
    const text = Buffer.from(encoded, 'base64').toString('utf8')
    const colon = text.indexOf(':')
    const name = text.slice(0, colon)
    const password = text.slice(colon + 1)
    const { adminPassword, publicPassword } = this.secrets
    if (name === ADMIN_USER && equalSecrets(password, adminPassword))
      return { name, roles: ['_admin'], serverAdmin: true }
    if (name === PUBLIC_USER && equalSecrets(password, publicPassword))
      return { name, roles: [], serverAdmin: false }
    const peer = this.#peers.get(name)
    if (peer !== undefined && equalSecrets(hashOf(password), peer.passwordHash))
      return { name, roles: peer.roles, serverAdmin: false }
    throw new CouchError(401, 'unauthorized', 'Name or password is incorrect.')
  }
}

const hashOf = (password: string): string => sha256(password).toString('hex')
