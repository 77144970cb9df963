/** The ring of keys for the operator: which keys hold what, and a new one. Tells ids of keys, never a key. */
import { Router, type Request } from 'express'
import { NodeError } from '../../errors.js'
import { equalSecrets } from '../../lib/keyed-hash.js'
import { reveal, type Redacted } from '../../lib/redacted.js'

export interface KeyRoutePorts {
  readonly keys: {
    status(): Promise<readonly object[]>
    rotate(): Promise<object>
  }
  /** Without it nobody is the operator. */
  readonly operatorToken: Redacted | undefined
}

export function keyRoutes({ keys, operatorToken }: KeyRoutePorts): Router {
  const router = Router()
  router.get('/ops/keys', async (req, res) => {
    requireOperatorToken(req, operatorToken)
    res.set('Cache-Control', 'no-store').json({ keys: await keys.status() })
  })
  router.post('/ops/keys/rotate', async (req, res) => {
    requireOperatorToken(req, operatorToken)
    res.status(202).json(await keys.rotate())
  })
  return router
}

/** @throws NodeError UNAUTHENTICATED */
export function requireOperatorToken(req: Request, expected: Redacted | undefined): void {
  const [, given] = /^Bearer (\S+)$/i.exec(req.get('authorization') ?? '') ?? []
  if (expected === undefined || given === undefined || !equalSecrets(given, reveal(expected)))
    throw new NodeError('UNAUTHENTICATED')
}
