/** The operator's commands over HTTP, for a service in another process: JSON in and out, behind a token of their own. */
import express, { type RequestHandler, type Router } from 'express'
import { z } from 'zod'
import type { JsonObject } from '../../lib/canonical-json.js'
import { equalSecrets } from '../../lib/keyed-hash.js'
import type { SandboxAdmin } from './admin.js'
import { errorAnswer, jsonAnswer, send } from './answer.js'
import { routeNames } from './faults.js'
import { streamNames } from './world.js'

const members = z.record(z.string(), z.json()).transform((value) => value as JsonObject)
const list = z.object({ person: z.string().default('maya'), stream: z.enum(streamNames) })
const address = list.extend({ id: z.string() })

const positive = z.number().positive()
const fault = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('status'),
    status: z.number().int().min(300).max(599),
    retryAfterS: z.number().optional(),
    retryAfterAs: z.enum(['seconds', 'date']).optional(),
  }),
  z.object({ kind: z.literal('slow'), delayMs: positive.optional(), bytesPerS: positive.optional() }),
  z.object({
    kind: z.enum([
      'unauthorized',
      'reset',
      'lost',
      'hang',
      'html',
      'truncated',
      'cut',
      'emptyPage',
      'duplicatePage',
      'loopingCursor',
      'expiredCursor',
    ]),
  }),
])
const faultSwitch = z.object({
  route: z.enum(routeNames),
  fault,
  after: z.number().int().min(0).default(0),
  /** Null: until cleared. */
  times: z.number().int().min(1).nullable().default(1),
})

/** Every command takes a JSON object and answers one. */
export function adminRoutes(admin: SandboxAdmin, token: string): Router {
  const commands: Readonly<Record<string, (body: unknown) => unknown>> = {
    edit: (body) => {
      const { members: changed, ...rest } = address.extend({ members }).parse(body)
      return admin.edit(rest, changed)
    },
    remove: async (body) => ({ removed: await admin.remove(address.parse(body)) }),
    add: (body) => {
      const { members: given, ...rest } = list.extend({ members: members.prefault({}) }).parse(body)
      return admin.add(rest, given)
    },
    read: (body) => admin.read(address.parse(body)),
    ids: (body) => ({ ids: admin.ids(list.parse(body)) }),
    marker: async (body) => {
      const { text, ...rest } = z
        .object({
          text: z.string().min(1),
          person: z.string().default('maya'),
          perStream: z.number().int().min(1).default(3),
        })
        .parse(body)
      return { planted: await admin.plantMarker(text, rest) }
    },
    fault: (body) => {
      const { times, ...rest } = faultSwitch.parse(body)
      admin.setFault({
        ...rest,
        fault: rest.fault as Parameters<SandboxAdmin['setFault']>[0]['fault'],
        times: times ?? Infinity,
      })
    },
    'clear-faults': () => admin.clearFaults(),
    counts: () => admin.counts(),
    'reset-counts': () => admin.resetCounts(),
    'expire-access-tokens': () => admin.expireAccessTokens(),
    'revoke-grants': () => admin.revokeGrants(),
    'expire-cursors': () => admin.expireCursors(),
    'register-redirect-uri': (body) => admin.registerRedirectUri(z.object({ uri: z.url() }).parse(body).uri),
  }
  const router = express.Router()
  router.use(onlyOperator(token), express.json({ limit: '1mb' }))
  for (const [name, run] of Object.entries(commands)) {
    router.post(`/${name}`, async (request, response) => {
      try {
        send(response, jsonAnswer((await run(request.body ?? {})) ?? {}))
      } catch (error) {
        if (!(error instanceof z.ZodError)) throw error
        send(response, errorAnswer(400, 'invalid_command', z.prettifyError(error)))
      }
    })
  }
  return router
}

/** A token keeps web pages of other origins out as well: they cannot set the header. */
function onlyOperator(token: string): RequestHandler {
  return (request, response, next) => {
    if (equalSecrets(request.headers.authorization ?? '', `Bearer ${token}`)) next()
    else send(response, errorAnswer(401, 'unauthorized', 'The operator token is missing or wrong'))
  }
}
