/** Owner-signed requests (protocol.md 6): an ES256K JWT over method, path and body, accepted once. */
import type { Request } from 'express'
import { NodeError } from '../../errors.js'
import type { Clock } from '../../lib/clock.js'
import type { Bytes } from '../../lib/keyed-hash.js'
import { didAddress, parseDid, type Did } from '../../lib/did.js'
import { askedAddress } from '../http/sensitive-query.js'
import { decodeOwnerJwt, findOwnerJwtFault, verifyOwnerJwtSignature } from '../../lib/owner-jwt.js'

/** @throws NodeError UNAUTHENTICATED, RESOLVER_DOWN */
export type OwnerAuthenticator = (req: Request) => Promise<Did>

export interface OwnerAuthenticationPorts {
  /** Origin of PUBLIC_URL: what `aud` must be. */
  readonly audience: string
  readonly network: string
  readonly clock: Clock
  /** Takes a token id once until it expires; false when it was used before. */
  useOnce(jti: string, expiresAtMs: number): Promise<boolean>
  /**
   * Public keys (hex) or addresses that may sign for a DID, from its resolved document; `undefined` when the DID was never
   * registered, so that only the key of its own address counts. @throws NodeError RESOLVER_DOWN
   */
  signersOf(did: Did): Promise<readonly string[] | undefined>
}

/** The bearer token of a request. @throws NodeError UNAUTHENTICATED */
export function bearer(req: Request): string {
  const match = /^Bearer ([^\s]{8,4096})$/i.exec(req.get('authorization') ?? '')
  if (match?.[1] === undefined) throw new NodeError('UNAUTHENTICATED')
  return match[1]
}

export function ownerAuthenticator(ports: OwnerAuthenticationPorts): OwnerAuthenticator {
  const read = ownerTokenReader(ports)
  return (req) => read(bearer(req), { method: req.method, path: askedAddress(req), body: rawBody(req) })
}

/** What an owner signed: the address is below the origin of PUBLIC_URL. */
export interface SignedStatement {
  readonly method: string
  readonly path: string
  readonly body: Bytes
}

/** Whose token it is, over exactly this, for the first time. @throws NodeError UNAUTHENTICATED, RESOLVER_DOWN */
export type OwnerTokenReader = (token: string, statement: SignedStatement) => Promise<Did>

export function ownerTokenReader(ports: OwnerAuthenticationPorts): OwnerTokenReader {
  return async (token, { method, path, body }) => {
    const { claims } = decodeOwnerJwt(token)
    const did = parseDid(claims.iss, ports.network)
    if (did === undefined) throw new NodeError('UNAUTHENTICATED', { detail: 'iss is not a DID' })
    const fault = findOwnerJwtFault(claims, {
      method,
      url: `${ports.audience}${path}`,
      body,
      audience: ports.audience,
      now: ports.clock.now(),
    })
    if (fault !== undefined)
      throw new NodeError('UNAUTHENTICATED', {
        detail: `${fault}; the time here is ${new Date(ports.clock.now()).toISOString()}`,
      })
    const signers = (await ports.signersOf(did)) ?? [didAddress(did)]
    if (!signers.some((signer) => verifyOwnerJwtSignature(token, signer))) {
      throw new NodeError('UNAUTHENTICATED', { detail: 'the signature is not by a key of this DID' })
    }
    // Last, so that a stranger cannot burn the ids of requests that are not his.
    if (!(await ports.useOnce(`${did} ${claims.jti}`, claims.exp * 1000))) {
      throw new NodeError('UNAUTHENTICATED', { detail: 'this request was already used' })
    }
    return did
  }
}

const bodies = new WeakMap<object, Buffer>()

/** Remembers the exact bytes of a body; given to every body parser as its `verify`, so that no body goes unsigned. */
export function keepRawBody(req: object, _res: unknown, bytes: Buffer): void {
  bodies.set(req, bytes)
}

/** The exact bytes of a body; none when there was none. */
export function rawBody(req: Request): Buffer {
  return bodies.get(req) ?? Buffer.alloc(0)
}
