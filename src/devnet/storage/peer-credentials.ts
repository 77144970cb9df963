/** How storage nodes let each other in: a node asks, its peer looks up the DID document and the asker's key, and gives it a role. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { Router } from 'express'
import { z } from 'zod'
import type { JsonObject } from '../../lib/canonical-json.js'
import type { Clock } from '../../lib/clock.js'
import { addressOf, publicKeyOf } from '../../lib/secp256k1.js'
import { contextEndpoints } from '../did-documents.js'
import type { ResolveDid } from '../did-resolution.js'
import { EntryStore } from '../entry-store.js'
import { signVerida, veridaDigest, veridaSigner } from '../verida-signature.js'
import { ApiRefused, bodyAs, type Answer } from './answer.js'
import type { CouchUsers } from './identify.js'
import { replicaterRole } from './permissions.js'
import type { Caller } from './tokens.js'

const PEER_TIMEOUT_MS = 5_000
/** Between the clocks of two nodes. */
const SKEW_MINUTES = 2

const asked = z.object({
  did: z.string().transform((value) => value.toLowerCase()),
  contextName: z.string(),
  endpointUri: z.url(),
  timestampMinutes: z.number(),
  password: z.string().optional(),
  signature: z.string(),
})

/** Where a peer's databases are, and as whom they are written. */
export interface PeerAccess {
  readonly couchUrl: string
  readonly authorization: string
}

export interface PeerParts {
  /** This node's address, with a slash at its end. */
  readonly url: string
  readonly folder: string
  readonly privateKey: string
  readonly clock: Clock
  readonly resolve: ResolveDid
}

/** Peers are told apart by origin; Verida's nodes look at the host name only, which one machine has but one of. */
const peerName = (endpoint: string): string => `r${veridaDigest(new URL(endpoint).origin).toString('hex')}`

export class PeerCredentials {
  readonly #passwords: EntryStore<{ readonly password: string }>

  constructor(private readonly parts: PeerParts) {
    this.#passwords = new EntryStore(join(parts.folder, 'peers'))
  }

  /** Signs this node in at a peer for one context. @throws when the peer does not answer or refuses */
  async obtain(peer: string, { did, contextName }: Caller, signal: AbortSignal): Promise<PeerAccess> {
    const { url, privateKey, clock } = this.parts
    const password = this.#passwords.get(peer)?.password ?? randomBytes(24).toString('hex')
    const said = { did, contextName, endpointUri: url, timestampMinutes: minutesOf(clock), password }
    const signature = signVerida(said, Buffer.from(privateKey, 'hex'))
    const granted = await fetch(new URL('auth/replicationCreds', peer), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...said, signature }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(PEER_TIMEOUT_MS)]),
    })
    if (!granted.ok) throw new ApiRefused(granted.status, `${peer} refuses replication`)
    this.#passwords.set(peer, { password })
    const { couchUri } = await statusOf(peer, signal)
    const name = peerName(url)
    return {
      couchUrl: couchUri,
      authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
    }
  }

  /** The other side: grants a peer the role of a context that lists both nodes. */
  routes(users: CouchUsers, answer: Answer): Router {
    const router = Router()
    router.post('/replicationCreds', async (request, response) => {
      const { signature, password, ...rest } = bodyAs(request, asked)
      const { did, contextName, endpointUri, timestampMinutes } = rest
      if (Math.abs(minutesOf(this.parts.clock) - timestampMinutes) > SKEW_MINUTES)
        throw new ApiRefused(400, 'Timestamp is out of range')
      const document = this.parts.resolve(did)
      if (document === undefined) throw new ApiRefused(400, `Unable to locate DID: ${did}`)
      const listed = (contextEndpoints(document, contextName) ?? []).map((one) => new URL(one).origin)
      for (const endpoint of [this.parts.url, endpointUri]) {
        if (!listed.includes(new URL(endpoint).origin))
          throw new ApiRefused(400, `Invalid DID and context: Not associated with endpoint ${endpoint}`)
      }
      const said: JsonObject = password === undefined ? rest : { ...rest, password }
      const { publicKey } = await statusOf(endpointUri, AbortSignal.timeout(PEER_TIMEOUT_MS))
      if (veridaSigner(said, signature) !== addressOf(Buffer.from(publicKey.slice(2), 'hex')))
        throw new ApiRefused(401, 'Invalid signature')
      const role = replicaterRole({ did, contextName })
      answer(response, { result: users.grantPeer(peerName(endpointUri), role, password) })
    })
    return router
  }
}

/** As `/status` tells it: uncompressed, 0x hexadecimal. */
export const publicKeyText = (privateKey: string): string =>
  `0x${Buffer.from(publicKeyOf(Buffer.from(privateKey, 'hex'))).toString('hex')}`

const minutesOf = (clock: Clock): number => Math.floor(clock.now() / 60_000)

async function statusOf(
  peer: string,
  signal: AbortSignal,
): Promise<{ readonly publicKey: string; readonly couchUri: string }> {
  const response = await fetch(new URL('status', peer), { signal })
  const { results } = (await response.json()) as { results: { publicKey: string; couchUri: string } }
  return results
}
