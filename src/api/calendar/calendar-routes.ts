/** Calendars of subaccounts: the connector added, people invited, the state read, all of it ended. */
import { Router, type Request, type RequestHandler, type Response } from 'express'
import type { Calendars } from '../../calendars/index.js'
import { NodeError } from '../../errors.js'
import type { Scope, TenantAuthenticator } from '../authentication/principal.js'
import { sendEnvelope } from '../http/envelope.js'
import { optionalText, readBody } from '../http/read-input.js'
import { principalOf } from '../v1/connector-routes.js'
import {
  addBody,
  disconnectedJson,
  inviteBody,
  invitedMessage,
  resendBody,
  subaccountJson,
} from './calendar-json.js'

export interface CalendarRouteDeps {
  readonly calendars: Calendars
  readonly authenticate: TenantAuthenticator
  readonly once: (scope: Scope) => RequestHandler
  readonly apiPrefix: string
}

/** The addresses name what varies `id`, as those of the unified surface do: it is a subaccount's. */
export function calendarRoutes(deps: CalendarRouteDeps): Router {
  const { calendars, once, apiPrefix } = deps
  const router = Router()
  const one = `${apiPrefix}/connectors/:id`
  router.post(one, once('connectors:write'), async (req, res) => {
    const caller = await principalOf(deps, req, 'connectors:write')
    const { config } = readBody(addBody, req.body ?? {})
    const { view, isNew } = await calendars.add(caller, subaccountOf(req), config)
    sendEnvelope(res, subaccountJson(view), { status: isNew ? 201 : 200 })
  })
  router.post(`${one}/handlegooglecalendar`, once('connectors:write'), (req, res) =>
    invite(deps, req, res, 'connectors:write'),
  )
  router.post(`${one}/handlegooglecalendar/resend`, once('connectors:write'), async (req, res) => {
    const caller = await principalOf(deps, req, 'connectors:write')
    const { userEmail } = readBody(resendBody, req.body)
    const invited = await calendars.resend(caller, { subaccountId: subaccountOf(req), userEmail })
    sendEnvelope(res, invited, { message: invitedMessage(invited, true) })
  })
  router.get(`${one}/google-calendar`, async (req, res) => {
    const caller = await principalOf(deps, req, 'connectors:read')
    sendEnvelope(res, subaccountJson(await calendars.get(caller, subaccountOf(req))))
  })
  router.delete(`${one}/google-calendar`, async (req, res) => {
    const caller = await principalOf(deps, req, 'connectors:write')
    const subaccountId = subaccountOf(req)
    const calendarId = optionalText(req.query, 'calendarId', 64)
    const ended = await calendars.disconnect(caller, subaccountId, calendarId)
    sendEnvelope(res, disconnectedJson(subaccountId, ended, await calendars.get(caller, subaccountId)))
  })
  // For services, and for nobody else: a person's token does not stand for one.
  const service = serviceOnly(deps.authenticate)
  router.post(`${apiPrefix}/google/:id/connect`, service, once('calendar:connect'), (req, res) =>
    invite(deps, req, res, 'calendar:connect'),
  )
  return router
}

async function invite(deps: CalendarRouteDeps, req: Request, res: Response, scope: Scope): Promise<void> {
  const caller = await principalOf(deps, req, scope)
  const body = readBody(inviteBody, req.body)
  const invited = await deps.calendars.invite(caller, { ...body, subaccountId: subaccountOf(req) })
  sendEnvelope(res, invited, { message: invitedMessage(invited, body.sendEmail ?? true) })
}

function serviceOnly(authenticate: TenantAuthenticator): RequestHandler {
  return async (req, _res, next) => {
    const isService = req.get('authorization') !== undefined && (await authenticate(req)).kind === 'service'
    if (!isService) throw new NodeError('SERVICE_TOKEN_REQUIRED')
    next()
  }
}

const subaccountOf = ({ params }: Request): string => String(params['id'])
