/** The operator's surface as documents and clients see it. */
import { z } from 'zod'
import type { Operations } from '../openapi/operation.js'
import { pageQuery } from '../openapi/shapes.js'
import { auditList, auditVerdict } from '../v1/shapes.js'

const alive = { 200: { description: 'It answers.', body: z.strictObject({ status: z.literal('ok') }) } }
const readiness = z.strictObject({
  status: z.enum(['ready', 'not ready']),
  parts: z.record(z.string(), z.string().meta({ description: '`ok`, an error code, or `TIMED_OUT`.' })),
})

const keyState = z.strictObject({
  id: z.string(),
  state: z.enum(['current', 'kept', 'missing']),
  sealed: z.record(z.string(), z.number()),
  total: z.number(),
})

const opened = { method: 'get', tag: 'Operations', proof: 'none' } as const

export const opsOperations = {
  getHealth: { ...opened, path: '/health', summary: 'Whether it lives', answers: alive },
  getHealthz: { ...opened, path: '/healthz', summary: 'Whether it lives', answers: alive },
  getReadiness: {
    ...opened,
    path: '/readyz',
    summary: 'Whether it can do its work, part by part',
    answers: {
      200: { description: 'Ready.', body: readiness },
      503: { description: 'Not ready: which part, and why.', body: readiness },
    },
  },
  getDeliveryCounts: {
    method: 'get',
    tag: 'Operations',
    proof: 'operator-only',
    path: '/ops/deliveries',
    summary: 'What became of services’ deliveries, by provider, over all processes',
    answers: {
      200: {
        description: 'Counts; `-` stands for addresses that name no provider of this node.',
        body: z.strictObject({ deliveries: z.record(z.string(), z.record(z.string(), z.number())) }),
      },
    },
  },
  listNodeAudit: {
    method: 'get',
    tag: 'Operations',
    proof: 'operator-only',
    path: '/ops/audit',
    summary: 'What the operator changed of this node, the oldest first',
    query: pageQuery.extend({
      actor: z.string().optional(),
      action: z.string().optional(),
      since: z.iso.datetime({ offset: true }).optional(),
      until: z.iso.datetime({ offset: true }).optional().meta({ description: 'Not this time itself.' }),
    }),
    answers: { 200: { description: 'A page.', body: auditList } },
  },
  verifyNodeAudit: {
    method: 'get',
    tag: 'Operations',
    proof: 'operator-only',
    path: '/ops/audit/verify',
    summary: 'Whether every row of it is as it was written; one that is not is named',
    answers: { 200: { description: 'What was found.', body: auditVerdict } },
  },
  getKeys: {
    method: 'get',
    tag: 'Operations',
    proof: 'operator-only',
    path: '/ops/keys',
    summary: 'Which keys seal how many values; never a key',
    answers: {
      200: {
        description: 'The sealing key first, missing ones last.',
        body: z.strictObject({ keys: z.array(keyState) }),
      },
    },
  },
  rotateKeys: {
    method: 'post',
    tag: 'Operations',
    proof: 'operator-only',
    path: '/ops/keys/rotate',
    summary: 'Put a new key on the ring; everything is sealed again behind the requests',
    answers: { 202: { description: 'It seals from now on.', body: z.strictObject({ current: z.string() }) } },
  },
} as const satisfies Operations
