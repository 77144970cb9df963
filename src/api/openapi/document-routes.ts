/** The API's document as JSON, and as a page to read and try it. Everything that the page loads comes from here. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Router } from 'express'
import { docsPage } from '../../web/docs-page.js'
import { sendPage } from '../web/send-page.js'
import { openApiDocument } from './document.js'
import { operations } from './operations.js'

const FILES = {
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'swagger-ui.css': 'text/css; charset=utf-8',
} as const

const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
const pathOf = (name: keyof typeof FILES): string => `/assets/${name}`

export interface DocumentRouteDeps {
  readonly version: string
  readonly publicUrl: string
  readonly apiPrefix: string
}

export function documentRoutes(facts: DocumentRouteDeps): Router {
  const router = Router()
  let document: string | undefined
  router.get('/openapi.json', (_req, res) => {
    // Made when it is first asked for: a node starts without it.
    document ??= JSON.stringify(openApiDocument(operations, facts))
    res.set('Cache-Control', 'no-cache').type('application/json').send(document)
  })
  router.get('/docs', (_req, res) => {
    const files = { bundle: pathOf('swagger-ui-bundle.js'), style: pathOf('swagger-ui.css') }
    sendPage(res, { page: docsPage(files), kind: 'drawn' })
  })
  for (const [name, type] of Object.entries(FILES)) {
    let body: string | undefined
    router.get(pathOf(name as keyof typeof FILES), (_req, res) => {
      body ??= readFileSync(join(folder, name), 'utf8')
      res
        .set({ 'Cache-Control': 'public, max-age=86400', 'X-Content-Type-Options': 'nosniff' })
        .type(type)
        .send(body)
    })
  }
  return router
}
