/** Shapes that many answers share. */
import { z } from 'zod'
import { errorTable, type ErrorCode } from '../../errors.js'

const codes = Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]]

export const errorCode = z
  .enum(codes)
  .meta({ id: 'ErrorCode', description: 'Stable: act on it, never on the message.' })

export const fieldFaults = z.array(z.strictObject({ path: z.string(), message: z.string() }))

/** As error-handler.ts sends it. */
export const errorAnswer = z
  .strictObject({
    error: z.strictObject({
      code: errorCode,
      message: z.string().meta({ description: 'For people; may change.' }),
      requestId: z.string().optional(),
      fields: fieldFaults.optional(),
      retryAfterMs: z.number().optional(),
    }),
  })
  .meta({ id: 'Error' })

/** RFC 3339 in UTC. */
export const timestamp = z.iso.datetime()
export const maybeTime = timestamp.nullable()

export const idParam = z.object({ id: z.string().meta({ example: '0b9e1c2e-0000-4000-8000-000000000000' }) })

export const pageQuery = z.object({
  limit: z.string().optional().meta({ description: 'How many at most. Default: 50.', example: '50' }),
  cursor: z.string().optional().meta({ description: '`next_cursor` of the page before.' }),
})

export const pageOfShape = <T extends z.ZodType>(item: T) =>
  z.strictObject({
    data: z.array(item),
    next_cursor: z.string().nullable().meta({ description: '`null`: there is no more.' }),
  })

const requestId = z.string().optional().meta({ description: 'Also in the header X-Request-Id.' })

/** An answer of the surfaces below API_PREFIX, as envelope.ts sends it. */
export const envelopeOf = <T extends z.ZodType>(data: T) =>
  z.strictObject({
    success: z.literal(true),
    message: z.string().optional().meta({ description: 'For people; may change.' }),
    data,
    error: z.null(),
    meta: z.strictObject({ requestId }),
  })

export const envelopedList = <T extends z.ZodType>(item: T) =>
  z.strictObject({
    success: z.literal(true),
    data: z.array(item),
    error: z.null(),
    meta: z.strictObject({
      requestId,
      page: z.strictObject({
        nextCursor: z.string().nullable().meta({ description: '`null`: there is no more.' }),
        limit: z.number(),
      }),
    }),
  })

/** A refusal there: the members of RFC 9457 beside code and sentence. */
export const envelopedError = z
  .strictObject({
    success: z.literal(false),
    data: z.null(),
    error: z.strictObject({
      code: errorCode,
      message: z.string().meta({ description: 'For people; may change.' }),
      type: z.string().meta({ description: 'RFC 9457: names the kind of problem; ends with the code.' }),
      title: z.string(),
      status: z.number(),
      detail: z.string().optional(),
      instance: z.string().optional().meta({ description: 'Of this one answer; holds the request id.' }),
      errors: fieldFaults.optional().meta({ description: 'What is wrong where.' }),
      retryAfterMs: z.number().optional(),
    }),
    meta: z.strictObject({ requestId }),
  })
  .meta({ id: 'Failure' })
