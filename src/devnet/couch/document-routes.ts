/** Single documents, `_local` documents and attachments. https://docs.couchdb.org/en/stable/api/document/ */
import { randomUUID } from 'node:crypto'
import { raw, type Request, type Router } from 'express'
import {
  bodyObject,
  isSet,
  jsonQuery,
  pathPart,
  query,
  visit,
  type CouchServer,
  type Visit,
} from './context.js'
import { badRequest, CouchError, notFound } from './errors.js'
import type { CouchDocument, Options } from './pouch.js'
import { refuseLarge, writeDocument } from './write-documents.js'
import { writeRefusal } from './access.js'

const MAX_ATTACHMENT = '64mb'
/** `_design/name` and `_local/name` are one id of two path parts. */
const DOCUMENT_PATHS = ['/:db/_design/:name', '/:db/:id']
const ATTACHMENT_PATHS = ['/:db/_design/:name/*file', '/:db/:id/*file']

export function addDocumentRoutes(router: Router, server: CouchServer): void {
  const write = (request: Request, guest: Visit, doc: CouchDocument, newEdits = true) =>
    writeDocument(guest, doc, newEdits, server.writeFilter?.(request))

  router.get('/:db/_local/:name', async (request, response) => {
    response.json(await visit(server, request, ({ database }) => database.pouch.get(localId(request))))
  })
  router.put('/:db/_local/:name', async (request, response) => {
    const doc = { ...bodyObject(request), _id: localId(request) }
    const { id, rev } = await visit(server, request, ({ database }) => database.pouch.put(doc))
    response.status(201).json({ ok: true, id, rev })
  })
  router.delete('/:db/_local/:name', async (request, response) => {
    const id = localId(request)
    await visit(server, request, async ({ database }) => database.pouch.remove(await database.pouch.get(id)))
    response.json({ ok: true, id, rev: '0-0' })
  })

  router.post('/:db', async (request, response) => {
    const body = bodyObject(request)
    const doc = {
      ...body,
      _id: typeof body['_id'] === 'string' ? body['_id'] : randomUUID().replaceAll('-', ''),
    }
    const { id, rev } = await visit(server, request, (guest) => write(request, guest, doc))
    response.status(201).json({ ok: true, id, rev })
  })

  router.get(DOCUMENT_PATHS, async (request, response) => {
    const id = documentId(request)
    response.json(
      await visit(server, request, ({ database }) => database.pouch.get(id, readOptions(request))),
    )
  })
  router.put(DOCUMENT_PATHS, async (request, response) => {
    const body = bodyObject(request)
    const rev = typeof body['_rev'] === 'string' ? body['_rev'] : givenRev(request)
    const doc = { ...body, _id: documentId(request), ...(rev === undefined ? {} : { _rev: rev }) }
    refuseLarge([doc], Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY))
    const written = await visit(server, request, (guest) =>
      write(request, guest, doc, query(request, 'new_edits') !== 'false'),
    )
    response.status(201).json({ ok: true, id: written.id, rev: written.rev })
  })
  router.delete(DOCUMENT_PATHS, async (request, response) => {
    const rev = givenRev(request)
    const id = documentId(request)
    const written = await visit(server, request, async (guest) => {
      // CouchDB answers 404 for what is not there, and 409 for a deletion that names no revision.
      if (rev === undefined) await guest.database.pouch.get(id)
      return write(request, guest, { _id: id, ...(rev === undefined ? {} : { _rev: rev }), _deleted: true })
    })
    response.json({ ok: true, id: written.id, rev: written.rev })
  })

  router.get(ATTACHMENT_PATHS, async (request, response) => {
    const rev = givenRev(request)
    const name = pathPart(request, 'file')
    const { body, type } = await visit(server, request, async ({ database }) => {
      const options = rev === undefined ? {} : { rev }
      const stub = (await database.pouch.get(documentId(request), options))._attachments?.[name]
      if (stub === undefined) throw notFound('Document is missing attachment')
      return {
        body: await database.pouch.getAttachment(documentId(request), name, options),
        type: stub.content_type,
      }
    })
    response.set('content-type', type).send(body)
  })
  router.put(
    ATTACHMENT_PATHS,
    raw({ type: () => true, limit: MAX_ATTACHMENT }),
    async (request, response) => {
      const body: unknown = request.body
      const type = request.headers['content-type'] ?? 'application/octet-stream'
      const { id, rev } = await visit(server, request, (guest) => {
        refuseWrite(guest, documentId(request))
        const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0)
        return guest.database.pouch.putAttachment(
          documentId(request),
          pathPart(request, 'file'),
          givenRev(request),
          bytes,
          type,
        )
      })
      response.status(201).json({ ok: true, id, rev })
    },
  )
  router.delete(ATTACHMENT_PATHS, async (request, response) => {
    const { id, rev } = await visit(server, request, (guest) => {
      refuseWrite(guest, documentId(request))
      return guest.database.pouch.removeAttachment(
        documentId(request),
        pathPart(request, 'file'),
        givenRev(request) ?? '',
      )
    })
    response.json({ ok: true, id, rev })
  })
}

function refuseWrite({ access, user }: Visit, id: string): void {
  const refusal = writeRefusal(access, user, { _id: id })
  if (refusal !== undefined)
    throw new CouchError(refusal.error === 'forbidden' ? 403 : 401, refusal.error, refusal.reason)
}

const localId = (request: Request): string => `_local/${pathPart(request, 'name')}`

function documentId(request: Request): string {
  if ('name' in request.params) return `_design/${pathPart(request, 'name')}`
  const id = pathPart(request, 'id')
  if (id.startsWith('_') && !id.startsWith('_design/'))
    throw badRequest('Only reserved document ids may start with underscore.')
  return id
}

function givenRev(request: Request): string | undefined {
  return query(request, 'rev') ?? request.headers['if-match']?.replaceAll('"', '')
}

function readOptions(request: Request): Options {
  const openRevs = query(request, 'open_revs')
  const rev = query(request, 'rev')
  return {
    ...(rev === undefined ? {} : { rev }),
    ...(openRevs === undefined
      ? {}
      : { open_revs: openRevs === 'all' ? 'all' : jsonQuery(request, 'open_revs') }),
    revs: isSet(request, 'revs'),
    revs_info: isSet(request, 'revs_info'),
    conflicts: isSet(request, 'conflicts'),
    attachments: isSet(request, 'attachments'),
    latest: isSet(request, 'latest'),
  }
}
