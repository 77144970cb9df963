/** The routes of the service, as an Express app that does not listen yet. */
import express, { type Express, type NextFunction, type Request, type Response } from 'express'
import type { Clock } from '../../lib/clock.js'
import { adminRoutes } from './admin-routes.js'
import type { SandboxAdmin } from './admin.js'
import { answerInstead, bearerAnswer, errorAnswer, send, sendSpoiled, type Answer } from './answer.js'
import type { DataApi, DataCall } from './api/data-api.js'
import type { LookApi } from './api/look-api.js'
import { people } from './content/people.js'
import type { Counters } from './counters.js'
import type { Fault, Faults, RouteName } from './faults.js'
import { page, type Authorize } from './oauth/authorize.js'
import { frontPage } from './oauth/consent-page.js'
import type { Grants } from './oauth/grants.js'
import { avatar, logo, styleSheet } from './oauth/page-assets.js'
import type { Scope } from './oauth/scopes.js'
import type { Webhooks } from './webhooks.js'
import { revokeEndpoint, tokenEndpoint, type TokenOptions } from './oauth/token.js'

export interface AppParts extends TokenOptions {
  readonly data: DataApi
  readonly look: LookApi
  readonly authorize: Authorize
  readonly faults: Faults
  readonly counters: Counters
  readonly clock: Clock
  readonly admin: SandboxAdmin
  readonly webhooks: Webhooks
  /** Serves /admin when given. */
  readonly adminToken?: string
}

export function sandboxApp(parts: AppParts): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', 'simple')
  assets(app)
  oauthRoutes(app, parts)
  dataRoutes(app, parts)
  webhookRoutes(app, parts)
  if (parts.adminToken !== undefined) app.use('/admin', adminRoutes(parts.admin, parts.adminToken))
  app.use((_request, response) =>
    send(response, errorAnswer(404, 'not_found', 'There is nothing at this address')),
  )
  app.use((error: Error & { status?: number }, _request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) return next(error)
    const asked = error.status !== undefined && error.status < 500
    send(
      response,
      asked
        ? errorAnswer(error.status ?? 400, 'bad_request', 'The request cannot be read')
        : errorAnswer(500, 'internal', 'Something went wrong'),
    )
  })
  return app
}

type Work = (request: Request, fault: Fault | undefined) => Answer | Promise<Answer>

/** Counts the call, then does the work and sends it, unless a switch wants something else. */
function faulty(parts: AppParts, route: RouteName, work: Work) {
  return async (request: Request, response: Response): Promise<void> => {
    parts.counters.call(route)
    const fault = parts.faults.take(route)
    const instead = answerInstead(fault, parts.clock.now())
    if (instead === 'hang') return
    if (instead === 'reset') request.socket.resetAndDestroy()
    else if (instead) send(response, instead)
    else sendSpoiled(response, await work(request, fault), fault)
  }
}

function assets(app: Express): void {
  const fixed = (path: string, type: string, body: string) =>
    app.get(path, (_request, response) => {
      send(response, {
        status: 200,
        type,
        headers: { 'cache-control': 'public, max-age=3600', 'x-content-type-options': 'nosniff' },
        body,
      })
    })
  fixed('/assets/sandbox.css', 'text/css; charset=utf-8', styleSheet)
  fixed('/assets/sandbox.svg', 'image/svg+xml', logo)
  for (const person of people)
    fixed(`/avatars/${person.id}.svg`, 'image/svg+xml; charset=utf-8', avatar(person))
  app.get('/', (_request, response) => send(response, page(200, frontPage())))
}

function oauthRoutes(app: Express, parts: AppParts): void {
  const form = express.urlencoded({ extended: false, limit: '32kb' })
  const asForm = (request: Request) => request.body as Readonly<Record<string, unknown>> | undefined
  const call = (request: Request) => ({ authorization: request.headers.authorization, form: asForm(request) })
  app.get(
    '/oauth/authorize',
    faulty(parts, 'authorize', (request) => parts.authorize.ask(request.query)),
  )
  app.post('/oauth/authorize', form, async (request, response) => {
    send(response, await parts.authorize.decide(asForm(request) ?? {}))
  })
  app.post(
    '/oauth/token',
    form,
    faulty(parts, 'token', (request) => tokenEndpoint(call(request), parts)),
  )
  app.post(
    '/oauth/revoke',
    form,
    faulty(parts, 'revoke', (request) => revokeEndpoint(call(request), parts)),
  )
}

function dataRoutes(app: Express, parts: AppParts): void {
  const { data, look } = parts
  const serve = (
    path: string,
    route: RouteName,
    scopes: Scope | readonly Scope[],
    work: (call: DataCall, request: Request) => Answer,
  ) =>
    app.get(
      path,
      faulty(parts, route, (request, fault) => {
        const caller = callerOf(request, parts.grants, [scopes].flat())
        return 'status' in caller
          ? caller
          : work({ personId: caller.personId, query: request.query, fault }, request)
      }),
    )
  serve('/api/me', 'me', 'profile', (call) => data.me(call))
  serve('/api/posts', 'posts', 'posts', (call) => data.posts(call))
  serve('/api/followings', 'followings', 'followings', (call) => data.followings(call))
  serve('/api/files', 'files', 'files', (call) => data.files(call))
  serve('/api/files/:id/content', 'content', 'files', (call, request) =>
    data.content(call, String(request.params['id'])),
  )
  serve('/api/calendars', 'calendars', 'calendar', (call) => data.calendars(call))
  serve('/api/calendars/:id/events', 'events', 'calendar', (call, request) =>
    data.events(call, String(request.params['id'])),
  )
  const everything = ['files', 'calendar'] as const
  serve('/api/containers', 'containers', everything, (call) => look.containers(call))
  serve('/api/items', 'items', everything, (call) => look.items(call))
  serve('/api/items/:id/comments', 'comments', everything, (call, request) =>
    look.comments(call, String(request.params['id'])),
  )
}

function webhookRoutes(app: Express, parts: AppParts): void {
  const { webhooks, grants } = parts
  app.post(
    '/api/webhooks',
    express.json({ limit: '32kb' }),
    faulty(parts, 'webhooks', (request) => {
      const caller = callerOf(request, grants, ['profile'])
      return 'status' in caller ? caller : webhooks.add(caller.personId, request.body)
    }),
  )
  app.delete(
    '/api/webhooks/:id',
    faulty(parts, 'webhooks', (request) => {
      const caller = callerOf(request, grants, ['profile'])
      return 'status' in caller ? caller : webhooks.remove(caller.personId, String(request.params['id']))
    }),
  )
}

/** Whose token it is, when it may read this; else the refusal of RFC 6750 3. */
function callerOf(
  request: Request,
  grants: Grants,
  scopes: readonly Scope[],
): { readonly personId: string } | Answer {
  if (request.query['access_token'] !== undefined)
    return errorAnswer(400, 'invalid_request', 'Tokens in addresses are not taken')
  const token = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (token === undefined) return bearerAnswer(401, undefined, 'An access token is needed')
  const bearer = grants.bearer(token)
  if (!bearer) return bearerAnswer(401, 'invalid_token', 'The access token is not valid')
  const missing = scopes.find((scope) => !bearer.scopes.includes(scope))
  return missing === undefined
    ? bearer
    : bearerAnswer(403, 'insufficient_scope', `The scope ${missing} was not granted`)
}
