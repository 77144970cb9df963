/** Refuses bodies that are not JSON, on surfaces that take nothing else: a form of another site cannot send JSON unasked. */
import type { RequestHandler } from 'express'
import { NodeError } from '../../errors.js'

export const jsonOnly: RequestHandler = (req, _res, next) => {
  // `false`: there is a body of another type. `null`: there is none, and the reader of the body says so.
  // Clients that send nothing may say so with a length of 0.
  if (req.get('content-length') !== '0' && req.is('json') === false) throw new NodeError('TYPE_UNSUPPORTED')
  next()
}
