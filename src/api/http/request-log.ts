/** Gives each request an id and logs one line for it: method, path without query, status, time. Never headers, bodies or addresses' queries. */
import { randomUUID } from 'node:crypto'
import type { RequestHandler } from 'express'
import type { Log } from '../../lib/log.js'

export function requestLog(log: Log): RequestHandler {
  return (req, res, next) => {
    const id = randomUUID()
    const started = performance.now()
    res.locals['requestId'] = id
    res.set('X-Request-Id', id)
    res.on('finish', () => {
      log.info('http.request', {
        id,
        method: req.method,
        path: shownPath(req.originalUrl),
        status: res.statusCode,
        ms: Math.round(performance.now() - started),
      })
    })
    next()
  }
}

/** Without the query, and without the part of a service's address that nobody may guess. */
const shownPath = (address: string): string | undefined =>
  address.split('?', 1)[0]?.replace(/^(\/webhooks\/in\/[^/]+\/)[^/]+/i, '$1*')
