/** `/did/:did` of a storage node: the DID document service, in the answers that Verida's clients read. */
import { Router, type ErrorRequestHandler, type Request } from 'express'
import { DidRefused, type DidDocuments } from './did-documents.js'

export function didDocumentRoutes(documents: DidDocuments): Router {
  const router = Router()
  const success = (data: object): object => ({ status: 'success', data })

  router.get('/:did', (request, response) => {
    const did = request.params.did
    const document = documents.latest(did)
    if (document === undefined) throw new DidRefused('DID Document not found.', 404)
    response.json(
      success(request.query['allVersions'] === 'true' ? { versions: documents.versions(did) } : document),
    )
  })
  router.post('/:did', (request, response) => {
    documents.create(request.params.did, documentOf(request))
    response.json(success({}))
  })
  router.put('/:did', (request, response) => {
    documents.update(request.params.did, documentOf(request))
    response.json(success({}))
  })
  router.delete('/:did', (request, response) => {
    const did = request.params.did.toLowerCase()
    const signature = request.headers['signature']
    if (typeof signature !== 'string') throw new DidRefused('No signature specified')
    response.json(success({ did, revisions: documents.delete(did, signature) }))
  })
  router.use(((thrown: unknown, _request, response, next) => {
    if (!(thrown instanceof DidRefused)) return next(thrown)
    response.status(thrown.status).json({ status: 'fail', message: thrown.message })
  }) satisfies ErrorRequestHandler)
  return router
}

const documentOf = (request: Request): unknown =>
  (request.body as { document?: unknown } | undefined)?.document
