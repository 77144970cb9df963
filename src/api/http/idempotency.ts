/** Idempotency-Key on POST: a request that is sent again with its key is done once, and gets the answer of the first. */
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import type { KeyRing, RingKey } from '../../credentials/key-ring.js'
import { NodeError } from '../../errors.js'
import type { Clock } from '../../lib/clock.js'
import { hkdf, hmac, sha256 } from '../../lib/keyed-hash.js'
import { idempotencyKeys, type Store } from '../../store/index.js'
import { rawBody } from '../authentication/owner.js'
import {
  requireScope,
  type Principal,
  type Scope,
  type TenantAuthenticator,
} from '../authentication/principal.js'
import { holdAnswer, isWorthKeeping, openAnswer, replay, sealAnswer } from './kept-answer.js'

export interface IdempotencyPorts {
  readonly store: Store
  /** Seals what is kept: answers may hold a tenant's records. */
  readonly ring: KeyRing
  readonly clock: Clock
  readonly authenticate: TenantAuthenticator
}

/** Stands before the handler of a POST: `router.post(path, once('connectors:write'), handler)`. Checks the scope, with or without a key. */
export function idempotency(ports: IdempotencyPorts): (scope: Scope) => RequestHandler {
  return (scope) => async (req, res, next) => {
    const principal = await ports.authenticate(req)
    // First: an answer is given again only to who may still ask for it.
    requireScope(principal, scope)
    const key = readIdempotencyKey(req)
    if (key === undefined) return next()
    await once(ports, { principal, key }, { req, res, next })
  }
}

/** For a POST whose answer is a secret that is shown once. @throws NodeError REQUEST_INVALID */
export const refuseIdempotencyKey: RequestHandler = (req, _res, next) => {
  if (req.get('idempotency-key') !== undefined) throw invalid('is not taken here: the answer is shown once')
  next()
}

async function once(
  { store, ring, clock }: IdempotencyPorts,
  { principal, key }: { readonly principal: Principal; readonly key: string },
  { req, res, next }: { readonly req: Request; readonly res: Response; readonly next: NextFunction },
): Promise<void> {
  const { tenant } = principal
  const [requestHash = '', ...earlierHashes] = ring.keys.map((ringKey) => hashOf(ringKey, principal, req))
  const claim = await store.tenant(tenant, (tx) =>
    idempotencyKeys.claim(tx, { tenant, key, requestHash, earlierHashes, nowMs: clock.now() }),
  )
  if (claim === 'running')
    throw new NodeError('IDEMPOTENCY_CONFLICT', { detail: 'the request is still running' })
  if (claim === 'other request')
    throw new NodeError('IDEMPOTENCY_CONFLICT', { detail: 'the key was used for another request' })
  const place = ['idempotency', tenant, key]
  if (claim !== 'new') return replay(res, openAnswer(ring, claim, place))
  holdAnswer(res, next, (answer) =>
    store.tenant(tenant, async (tx) => {
      // What failed for a reason that passes is done anew when it is sent again.
      if (!isWorthKeeping(answer)) return idempotencyKeys.release(tx, { tenant, key })
      const body = sealAnswer(ring, answer, place)
      return idempotencyKeys.complete(tx, { tenant, key, status: answer.status, body, nowMs: clock.now() })
    }),
  )
  next()
}

/** @throws NodeError REQUEST_INVALID */
function readIdempotencyKey(req: Request): string | undefined {
  const key = req.get('idempotency-key')
  if (key === undefined || /^[\x21-\x7e]{1,255}$/.test(key)) return key
  throw invalid('must be 1 to 255 printable characters without spaces')
}

/** Keyed: a body may hold a password, and a plain hash of it could be guessed from. */
function hashOf(ringKey: RingKey, { actor }: Principal, req: Request): string {
  const key = hkdf(ringKey.subkey('value'), Buffer.alloc(0), ['cn/idempotency/1'])
  const body = sha256(rawBody(req)).toString('base64url')
  return hmac(key, [actor, req.method, req.originalUrl, body]).toString('base64url')
}

function invalid(message: string): NodeError {
  return new NodeError('REQUEST_INVALID', { fields: [{ path: 'Idempotency-Key', message }] })
}
