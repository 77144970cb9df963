/** Takes the query off the address of the Vault's old GET forms before anything can log it; handlers still read `req.query`. */
import { parse } from 'node:querystring'
import type { NextFunction, Request, Response } from 'express'

/** Paths whose query carries tokens, keys or codes. */
const SENSITIVE =
  /^\/(sync|connect|auth|callback|syncDone|dev\/vault|webhooks\/in|v1\/oauth\/[^/?]+\/(callback|start)|v1\/invitations\/start)(\/|\?|$)/i
/** More members than any form has; the rest is not parsed. */
const MAX_MEMBERS = 32

const asked = new WeakMap<Request, string>()

/** Path and query as they came: what an owner has signed. Never to be logged. */
export function askedAddress(req: Request): string {
  return asked.get(req) ?? req.originalUrl
}

export function hideSensitiveQuery(req: Request, _res: Response, next: NextFunction): void {
  const mark = req.url.indexOf('?')
  if (mark === -1 || !SENSITIVE.test(req.url)) return next()
  const query = parse(req.url.slice(mark + 1), '&', '=', { maxKeys: MAX_MEMBERS })
  asked.set(req, req.url)
  req.url = req.url.slice(0, mark)
  req.originalUrl = req.url
  // Express 5 derives `query` from the address; the address no longer has it, so this request carries its own.
  Object.defineProperty(req, 'query', { value: query, enumerable: false })
  next()
}
