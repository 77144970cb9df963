/** The batch calls of replication: `_bulk_docs`, `_bulk_get`, `_revs_diff`. https://docs.couchdb.org/en/stable/replication/protocol.html */
import type { Request, Router } from 'express'
import { bodyObject, isSet, visit, type CouchServer } from './context.js'
import { bulkGet, type Wanted } from './bulk-get.js'
import { badRequest } from './errors.js'
import { missingRevisions } from './revs-diff.js'
import { documentsOf, refuseLarge, writeDocuments } from './write-documents.js'

export function addBulkRoutes(router: Router, server: CouchServer): void {
  router.post('/:db/_bulk_docs', async (request, response) => {
    const rows = await visit(server, request, async (guest) => {
      const body = bodyObject(request)
      const docs = documentsOf(body)
      refuseLarge(docs, Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY))
      return writeDocuments(guest, docs, body['new_edits'] !== false, server.writeFilter?.(request))
    })
    response.status(201).json(rows)
  })

  router.post('/:db/_bulk_get', async (request, response) => {
    const results = await visit(server, request, ({ database }) =>
      bulkGet(database.pouch, wantedOf(request), {
        revs: isSet(request, 'revs'),
        latest: isSet(request, 'latest'),
        attachments: isSet(request, 'attachments'),
      }),
    )
    response.json({ results })
  })

  router.post('/:db/_revs_diff', async (request, response) => {
    const asked = askedRevisions(request)
    response.json(await visit(server, request, ({ database }) => missingRevisions(database.pouch, asked)))
  })
}

function wantedOf(request: Request): readonly Wanted[] {
  const { docs } = bodyObject(request)
  if (!Array.isArray(docs)) throw badRequest('Missing JSON list of `docs`.')
  return (docs as readonly Partial<Record<string, unknown>>[]).map(({ id, rev }) => {
    if (typeof id !== 'string') throw badRequest('document id missed')
    return typeof rev === 'string' ? { id, rev } : { id }
  })
}

function askedRevisions(request: Request): ReadonlyMap<string, readonly string[]> {
  return new Map(
    Object.entries(bodyObject(request)).map(([id, revs]) => {
      if (!Array.isArray(revs) || !revs.every((rev) => typeof rev === 'string'))
        throw badRequest('Request body must be a JSON object of lists of revisions')
      return [id, revs]
    }),
  )
}
