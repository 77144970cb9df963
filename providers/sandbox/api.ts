/**
 * What the service answers, each field that we read. Nothing else is declared: unknown fields pass through into
 * `sourceData`. Source: src/devnet/sandbox-service (a real provider links the page of its documentation here).
 */
import { z } from '../../src/provider/index.js'

/** Ids are strings, or numbers of any size; the client hands over those beyond 2^53 as strings of their digits. */
const id = z.union([z.string().min(1), z.number().int()]).transform(String)
const time = z.string()

/** GET /api/me */
export const me = z
  .object({ id, name: z.string(), handle: z.string(), avatarUrl: z.url() })
  .transform(({ handle, ...account }) => ({ ...account, username: handle }))

/** GET /api/posts: `changes` holds posts and deletions. Rows are checked one by one, by the stream. */
export const postsPage = z.object({ changes: z.array(z.unknown()), cursor: z.string(), more: z.boolean() })

/** A row that says an item is gone. */
export const deletion = z.object({ id, deleted: z.literal(true) })

export const post = z.looseObject({
  id,
  kind: z.string(),
  visibility: z.enum(['public', 'friends', 'draft']),
  title: z.string().nullish(),
  text: z.string(),
  html: z.string().nullish(),
  url: z.string(),
  createdAt: time,
  updatedAt: time.nullish(),
  media: z.array(z.looseObject({ type: z.string(), url: z.string() })),
})

/** GET /api/followings */
export const followingsPage = z.object({ data: z.array(z.unknown()), next: z.string().nullable() })

export const following = z.looseObject({
  id,
  name: z.string(),
  bio: z.string().nullish(),
  avatarUrl: z.string().nullish(),
  url: z.string(),
  followedAt: time,
})

/** GET /api/files */
export const filesPage = z.object({ files: z.array(z.unknown()), nextPage: z.string().nullable() })

export const file = z.looseObject({
  id,
  kind: z.enum(['file', 'folder']),
  name: z.string(),
  extension: z.string().nullish(),
  mimeType: z.string(),
  bytes: z.number(),
  description: z.string().nullish(),
  text: z.string().nullish(),
  url: z.string(),
  createdAt: time,
  modifiedAt: time,
})

/** GET /api/calendars */
export const calendarList = z.object({ calendars: z.array(z.unknown()) })

export const calendar = z.looseObject({
  id,
  name: z.string(),
  description: z.string().nullish(),
  timezone: z.string(),
  location: z.string().nullish(),
  createdAt: time,
})

/** GET /api/calendars/:id/events: `nextPage` while there is more, then `syncToken`. */
export const eventsPage = z.union([
  z.object({ items: z.array(z.unknown()), nextPage: z.string() }),
  z.object({ items: z.array(z.unknown()), syncToken: z.string() }),
])

/** A moment, or a whole day in the calendar's time zone. */
const when = z.union([
  z.object({ dateTime: time, timezone: z.string() }),
  z.object({ date: z.string(), timezone: z.string() }),
])
export type When = z.output<typeof when>

const guest = z.object({ email: z.string(), name: z.string().nullish() })
export type Guest = z.output<typeof guest>

export const event = z.looseObject({
  id,
  calendarId: z.string(),
  status: z.string(),
  title: z.string().nullish(),
  description: z.string().nullish(),
  location: z.string().nullish(),
  start: when,
  end: when.nullish(),
  organizer: guest,
  attendees: z.array(guest),
  url: z.string(),
  createdAt: time,
  updatedAt: time.nullish(),
})

/** GET /api/containers, /api/items and /api/items/:id/comments, for live reads. */
const nextPage = z.string().nullable()
export const containersPage = z.object({ containers: z.array(z.unknown()), nextPage })
export const itemsPage = z.object({ items: z.array(z.unknown()), nextPage })
export const commentsPage = z.object({ comments: z.array(z.unknown()), nextPage })

export const listedContainer = z.object({
  id,
  type: z.enum(['folder', 'calendar']),
  name: z.string(),
  createdAt: time,
})

/** A file, or an event with `title`. */
export const foundItem = z.object({
  id,
  type: z.enum(['file', 'event']),
  container: id,
  name: z.string().nullish(),
  title: z.string().nullish(),
  url: z.string(),
  mimeType: z.string().nullish(),
  bytes: z.number().nullish(),
  createdAt: time,
  modifiedAt: time.nullish(),
  updatedAt: time.nullish(),
})

export const listedComment = z.object({
  id,
  item: id,
  text: z.string(),
  author: z.object({ name: z.string() }),
  createdAt: time,
  editedAt: time.nullish(),
})

/** POST /api/webhooks */
export const webhook = z.object({ id })

/** What is delivered: which list has changed. */
export const webhookEvent = z.object({
  id: z.string().min(1),
  stream: z.enum(['posts', 'followings', 'files', 'calendars', 'events']),
})
