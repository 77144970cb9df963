/** What the unified surface takes. Anything beside these members is refused: status, owner and cursors are not a caller's to set. */
import { z } from 'zod'

const id = z.string().min(1).max(64)
const config = z.record(z.string(), z.unknown()).meta({
  description: 'Credentials, by the form of the connector (`auth[].fields`). They go in and never out.',
})

const wishes = {
  authKind: z.string().max(40).optional(),
  displayName: z.string().max(1_000).optional(),
  streams: z.array(z.string().max(100)).max(100).nullable().optional(),
  syncFrequency: z.string().max(200).nullable().optional(),
}

export const rulingBody = z.strictObject({
  enabled: z.boolean().optional(),
  settings: z.record(z.string().max(100), z.string().nullable()).optional().meta({
    description: 'Settings that are no secrets, by name; `null`: as the environment has it.',
  }),
  limits: z
    .strictObject({
      maxConnections: z.number().int().min(0).max(1_000_000).nullable().optional(),
      minSyncMinutes: z.number().int().min(5).max(44_640).nullable().optional(),
    })
    .optional()
    .meta({ description: 'Of each tenant; `null`: none.' }),
})

export const probeBody = z.strictObject({ connectionId: id.optional() })
export const jobBody = z.strictObject({ connectionId: id, confirmDeletes: z.boolean().optional() })

export const connectBody = z.strictObject({
  ...wishes,
  preset: z
    .string()
    .max(100)
    .optional()
    .meta({ description: 'Of a new one: a ready choice of the connector.' }),
  connectionId: id.optional().meta({ description: 'Connects this one, or connects it again.' }),
  config: config.optional(),
  fields: z.record(z.string(), z.string().max(16_384)).optional().meta({
    description: 'What is entered before a sign-in (`auth[].signInFields`).',
  }),
  redirectUrl: z.string().max(2_048).optional().meta({
    description: 'Where the person goes after a sign-in that comes back to this node.',
  }),
  state: z.string().max(1_024).optional().meta({ description: 'Given back at `redirectUrl`.' }),
  redirectUri: z.string().max(2_048).optional().meta({
    description:
      'A page of the application that the provider sends the person back to, for `connect/callback`.',
  }),
})

export const returnBody = z.strictObject({
  state: z.string().min(1).max(4_096),
  code: z.string().min(1).max(4_096).optional(),
  iss: z.string().max(4_096).optional().meta({ description: 'RFC 9207.' }),
  error: z.string().max(4_096).optional().meta({ description: 'RFC 6749 4.1.2.1.' }),
  binding: z.string().max(100).optional().meta({
    description:
      'As `connect` gave it, out of the cookie of the person’s browser. Default: this node’s own cookie.',
  }),
  others: z.record(z.string(), z.string().max(4_096)).optional().meta({
    description: 'Further parameters that the provider sent.',
  }),
})
export const enteredBody = z.strictObject({ ...wishes, connectionId: id.optional(), config })
export const callbackBody = z.union([returnBody, enteredBody])

export const credentialsBody = z.strictObject({ authKind: wishes.authKind, config })

export const revokeBody = z.strictObject({
  connectionId: id,
  erase: z.boolean().optional().meta({ description: 'The connection and its records go too.' }),
})

export const connectionBody = z.strictObject({
  id: id.optional().meta({ description: 'Changes this one; without it a new one is made.' }),
  connectorId: id.optional().meta({ description: 'Of a new one.' }),
  ...wishes,
  config: config.optional(),
  activate: z.boolean().optional(),
})

export const tokenBody = z.strictObject({ connectionId: id, authKind: wishes.authKind, config })
export const connectionIdBody = z.strictObject({ connectionId: id })
export const validateBody = z.union([connectionIdBody, credentialsBody])

export const syncStateBody = z.strictObject({
  stream: z.string().min(1).max(100),
  partition: z.string().max(1_000).optional(),
  cursor: z.json().meta({ description: 'Of the stream’s own form; `null`: read everything again.' }),
})

/** Which of two forms a body is meant to be: faults are then told of that one. */
export const hasConfig = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && 'config' in body
