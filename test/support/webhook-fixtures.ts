/** The form of `fixtures/webhooks.json`: how deliveries are signed, and what becomes of each. */
import { z } from 'zod'

const headers = z.record(z.string(), z.string())

const sign = z.strictObject({
  /** `registration`: the secret of each registration; `setting:<name>`: the application's. */
  key: z.string().regex(/^(registration|setting:\w+)$/),
  /** `token`: no digest; the key itself is sent. */
  algorithm: z.enum(['sha256', 'sha1', 'token']),
  encoding: z.enum(['hex', 'base64']).default('hex'),
  /** What is signed, in order; `{body}`, `{url}`, `{method}`, `{timestamp}`, `{header:name}`. */
  parts: z.array(z.string()).default(['{body}']),
  /** Added to each delivery; `{signature}`, `{timestamp}`, `{key}`. */
  headers,
  timestamp: z.enum(['s', 'ms']).optional(),
})

const expected = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('accepted'),
    deliveryId: z.string(),
    sentAtMs: z.number().optional(),
    events: z.array(
      z.strictObject({
        accountId: z.string().optional(),
        stream: z.string().optional(),
        partition: z.string().optional(),
      }),
    ),
  }),
  z.strictObject({
    kind: z.literal('handshake'),
    status: z.number().int(),
    type: z.string(),
    body: z.string(),
  }),
  z.strictObject({ kind: z.literal('refused'), why: z.string().optional() }),
])

const delivery = z.strictObject({
  why: z.string(),
  method: z.enum(['GET', 'POST']).default('POST'),
  /** Default: the suite's own endpoint. */
  url: z.string().optional(),
  /** In the place of those that `sign` adds. */
  headers: headers.optional(),
  /** A string is taken as it is. */
  body: z.json().optional(),
  /** A vector of the service's documentation: its key and clock, and no headers but its own. */
  recorded: z.strictObject({ key: z.string(), nowMs: z.number().optional() }).optional(),
  expected,
})

export const webhookFixtures = z.strictObject({
  sign,
  deliveries: z.array(delivery).min(1),
  /** What `register` returns for the recorded calls. */
  registration: z
    .strictObject({
      id: z.string(),
      secret: z.string().optional(),
      expiresAtMs: z.number().optional(),
      state: z.record(z.string(), z.json()).optional(),
    })
    .optional(),
})

export type WebhookFixtures = z.output<typeof webhookFixtures>
export type DeliveryFixture = WebhookFixtures['deliveries'][number]
export type SignFixture = WebhookFixtures['sign']
