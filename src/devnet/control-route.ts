/** `POST /__faults` of a storage node: its switches, for the holder of the control token in another process. */
import express, { Router } from 'express'
import { z } from 'zod'
import { equalSecrets } from '../lib/keyed-hash.js'
import { switchShape } from './faults.js'
import type { NodeFaults } from './node-faults.js'

/** Where the control route is. */
export const CONTROL_PATH = '/__faults'

const command = z.discriminatedUnion('command', [
  z.object({ command: z.literal('set'), switches: z.array(switchShape) }),
  z.object({ command: z.literal('clear') }),
  z.object({
    command: z.literal('lose'),
    database: z.string().optional(),
    ids: z.array(z.string()).optional(),
    share: z.number().min(0).max(1).optional(),
  }),
  z.object({ command: z.literal('expireTokens'), refresh: z.boolean().default(false) }),
])
export type ControlCommand = z.input<typeof command>

export function controlRoute(faults: NodeFaults, token: string): Router {
  const router = Router()
  router.post(CONTROL_PATH, express.json(), async (request, response) => {
    const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    if (given === undefined || !equalSecrets(given, token)) return void response.sendStatus(401)
    const parsed = command.safeParse(request.body)
    if (!parsed.success) return void response.status(400).json({ error: z.prettifyError(parsed.error) })
    response.json(await obey(faults, parsed.data))
  })
  return router
}

async function obey(faults: NodeFaults, order: z.output<typeof command>): Promise<object> {
  switch (order.command) {
    case 'set':
      faults.set(...order.switches)
      return { ok: true }
    case 'clear':
      faults.clear()
      return { ok: true }
    case 'lose':
      return { ok: true, lost: await faults.lose(order) }
    case 'expireTokens':
      faults.expireTokens(order)
      return { ok: true }
  }
}
