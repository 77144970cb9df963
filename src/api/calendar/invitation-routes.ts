/** Where a link in a mail leads: checked here, and on to the sign-in. */
import { Router } from 'express'
import { INVITATION_PATH, type Calendars } from '../../calendars/index.js'
import { NodeError } from '../../errors.js'
import { optionalText } from '../http/read-input.js'

const MAX_TICKET = 100

export function invitationRoutes(calendars: Pick<Calendars, 'follow'>): Router {
  const router = Router()
  router.get(INVITATION_PATH, async (req, res) => {
    const ticket = optionalText(req.query, 'ticket', MAX_TICKET)
    if (ticket === undefined) throw new NodeError('INVITATION_UNKNOWN')
    const location = await calendars.follow(ticket)
    res.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' }).redirect(302, location)
  })
  return router
}
