/** What live reads answer: members that the service does not tell are `null`; with `fields` only those are there. */
import { z } from 'zod'
import { maybeTime } from '../openapi/shapes.js'

const text = z.string().nullable()
const raw = z.unknown().meta({ description: 'With `raw=true`: what the service sent, without tokens.' })
const times = { url: text, createdAt: maybeTime, updatedAt: maybeTime }

const members = {
  containers: { kind: text, name: text, parentId: text, ...times },
  items: {
    kind: text,
    name: text,
    containerId: text,
    mimeType: text,
    sizeBytes: z.number().nullable(),
    ...times,
  },
  comments: { itemId: text, text, author: text, createdAt: maybeTime, updatedAt: maybeTime },
} as const

/** Names for `fields`, beside the id. */
export const BROWSED_MEMBERS: Readonly<Record<keyof typeof members, readonly string[]>> = {
  containers: Object.keys(members.containers),
  items: Object.keys(members.items),
  comments: Object.keys(members.comments),
}

const shapeOf = <S extends z.ZodRawShape>(shape: S) =>
  z.strictObject({ id: z.string(), ...z.strictObject(shape).partial().shape, raw: raw.optional() })

export const container = shapeOf(members.containers).meta({ id: 'Container' })
export const item = shapeOf(members.items).meta({ id: 'Item' })
export const comment = shapeOf(members.comments).meta({ id: 'Comment' })
