/** Where services deliver, as documents see it. */
import { z } from 'zod'
import type { Operations } from '../openapi/operation.js'

const provider = z.object({ provider: z.string() })
const own = provider.extend({
  registration: z.string().meta({ description: 'The part that nobody can guess, of one connector.' }),
})
const shared = {
  tag: 'Webhooks',
  proof: 'none',
  answers: {
    200: {
      description: 'Taken, or taken before. A handshake is answered as its service asks.',
      type: 'none',
    },
  },
} as const
const errors = ['WEBHOOK_UNKNOWN', 'UNAUTHENTICATED', 'TOO_MANY_REQUESTS'] as const
const bytes = [...errors, 'TOO_LARGE', 'TYPE_UNSUPPORTED'] as const

export const inboundOperations = {
  takeDelivery: {
    ...shared,
    method: 'post',
    path: '/webhooks/in/{provider}',
    summary:
      'A service tells of changes in any account of the operator’s application; proven by its own signature',
    params: provider,
    errors: bytes,
  },
  answerHandshake: {
    ...shared,
    method: 'get',
    path: '/webhooks/in/{provider}',
    summary: 'A service asks whether the address is ours',
    params: provider,
    errors,
  },
  takeOwnDelivery: {
    ...shared,
    method: 'post',
    path: '/webhooks/in/{provider}/{registration}',
    summary: 'A service tells of changes in one connector’s account',
    params: own,
    errors: [...bytes, 'GONE'],
  },
  answerOwnHandshake: {
    ...shared,
    method: 'get',
    path: '/webhooks/in/{provider}/{registration}',
    summary: 'A service asks whether the address is a connector’s',
    params: own,
    errors: [...errors, 'GONE'],
  },
} as const satisfies Operations
