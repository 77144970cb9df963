/** Applies fault switches to requests, before any route sees them; without a switch it only looks at the path. */
import type { IncomingMessage } from 'node:http'
import type { RequestHandler, Response } from 'express'
import type { WriteFilter } from './couch/write-filter.js'
import type { Fault, FaultPlace, FaultSwitches } from './faults.js'

export interface FaultGate {
  readonly handler: RequestHandler
  /** What is done to the documents of a request that the gate let through. */
  writeFilter(request: IncomingMessage): WriteFilter | undefined
}

const COUCH_CALLS: Readonly<Record<string, FaultPlace>> = {
  _bulk_docs: 'bulkDocs',
  _revs_diff: 'revsDiff',
  _bulk_get: 'bulkGet',
  _changes: 'changes',
}

export function faultGate(switches: FaultSwitches): FaultGate {
  const filters = new WeakMap<IncomingMessage, WriteFilter>()
  const handler: RequestHandler = async (request, response, next) => {
    for (const fault of switches.take(placesOf(request.path))) {
      if (fault.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.ms))
      const filter = filterOf(fault)
      if (filter !== undefined) filters.set(request, filter)
      if (fault.kind === 'lost' || fault.kind === 'halfWrite') loseAnswer(response)
      if (answersItself(fault, request.path, response)) return
    }
    next()
  }
  return { handler, writeFilter: (request) => filters.get(request) }
}

function placesOf(path: string): readonly FaultPlace[] {
  const [, first, , call = ''] = path.split('/')
  switch (first) {
    case 'auth':
    case 'user':
    case 'did':
      return ['any', first]
    case 'couch': {
      const place = COUCH_CALLS[call]
      return place === undefined ? ['any', 'couch'] : ['any', 'couch', place]
    }
    default:
      return ['any']
  }
}

/** @returns whether the request ends here */
function answersItself(fault: Fault, path: string, response: Response): boolean {
  switch (fault.kind) {
    case 'hang':
      return true
    case 'reset':
      response.req.socket.destroy()
      return true
    case 'status':
      response.status(fault.status).json(bodyFor(fault.status, path))
      return true
    case 'nothingMissing':
      response.json({})
      return true
    default:
      return false
  }
}

function bodyFor(status: number, path: string): object {
  if (!path.startsWith('/couch/')) return { status: 'fail', message: 'Unknown error' }
  return status === 401
    ? { error: 'unauthorized', reason: 'You are not authorized to access this db.' }
    : { error: 'internal_server_error', reason: 'No reason was given.' }
}

function loseAnswer(response: Response): void {
  const lose = (): Response => {
    response.req.socket.destroy()
    return response
  }
  response.end = lose
  response.write = () => {
    lose()
    return false
  }
}

function filterOf(fault: Fault): WriteFilter | undefined {
  switch (fault.kind) {
    case 'drop':
      return (docs) => ({ kept: indexes(docs.length, (at) => !isHit(at, fault.share)), refused: [] })
    case 'refuse':
      return (docs) => ({
        kept: indexes(docs.length, (at) => !isHit(at, fault.share)),
        refused: indexes(docs.length, (at) => isHit(at, fault.share)).map((index) => ({
          index,
          error: fault.error,
          reason: 'refused by a switch',
        })),
      })
    case 'halfWrite':
      return (docs) => ({ kept: indexes(docs.length, (at) => at < docs.length / 2), refused: [] })
    default:
      return undefined
  }
}

const indexes = (count: number, test: (at: number) => boolean): readonly number[] =>
  Array.from({ length: count }, (_, at) => at).filter(test)

/** Evenly spread: of any run of documents about this share. */
const isHit = (at: number, share: number): boolean => Math.floor((at + 1) * share) > Math.floor(at * share)
