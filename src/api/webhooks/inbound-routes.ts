/** Where services deliver: the very bytes go to the provider's own check, and its answer goes back as it is. Nobody signs in here. */
import express, { Router, type Request, type RequestHandler, type Response } from 'express'
import { rateLimit } from 'express-rate-limit'
import { NodeError } from '../../errors.js'
import type { Delivery } from '../../provider/index.js'
import type { DeliveryAnswer, InboundWebhooks } from '../../webhooks/inbound/index.js'
import { addressOf } from '../http/limiter.js'
import { askedAddress } from '../http/sensitive-query.js'

export interface InboundRouteDeps {
  readonly inbound: Pick<InboundWebhooks, 'receive'>
  /** Where services reach the node: some sign the whole address. */
  readonly publicUrl: string
  /** Refusals of one address in a minute; sound deliveries are not counted. Default: 600. */
  readonly refusalsPerMinute?: number
}

const BODY_LIMIT = '1mb'
const APP = '/webhooks/in/:provider'
const OWN = '/webhooks/in/:provider/:registration'

/** Stands before every reader of bodies. */
export function inboundRoutes({ inbound, publicUrl, refusalsPerMinute = 600 }: InboundRouteDeps): Router {
  const router = Router()
  const take: RequestHandler = async (req, res) => {
    if (req.method === 'HEAD') throw new NodeError('METHOD_UNKNOWN')
    const { provider, registration } = req.params
    send(
      res,
      await inbound.receive({
        provider: String(provider),
        path: registration === undefined ? undefined : String(registration),
        delivery: deliveryOf(req, publicUrl),
      }),
    )
  }
  // Compressed bodies are refused: the signature is over what was sent.
  const bytes = express.raw({ type: () => true, limit: BODY_LIMIT, inflate: false })
  router.get([APP, OWN], refusalLimit(refusalsPerMinute), bytes, take)
  router.post([APP, OWN], refusalLimit(refusalsPerMinute), bytes, take)
  return router
}

function refusalLimit(limit: number): RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit,
    keyGenerator: addressOf,
    skipSuccessfulRequests: true,
    standardHeaders: false,
    legacyHeaders: false,
    validate: { xForwardedForHeader: false, trustProxy: false },
    handler: (_req, _res, next) => next(new NodeError('TOO_MANY_REQUESTS', { retryAfterMs: 60_000 })),
  })
}

function deliveryOf(req: Request, publicUrl: string): Delivery {
  const headers = Object.entries(req.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : (value ?? ''),
  ])
  return {
    method: req.method === 'GET' ? 'GET' : 'POST',
    url: `${publicUrl}${askedAddress(req)}`,
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0),
  }
}

/** Some services take an empty body for one only when nothing says what it would be. */
function send(res: Response, { status, type, body }: DeliveryAnswer): void {
  res.status(status).set('Cache-Control', 'no-store')
  if (type !== undefined && body !== '')
    res.set('Content-Type', type).set('X-Content-Type-Options', 'nosniff')
  res.set('Content-Length', String(Buffer.byteLength(body))).end(body)
}
