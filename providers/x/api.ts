/** What the API answers, each field that we read. https://docs.x.com/x-api/fundamentals/data-dictionary */
import { z } from '../../src/provider/index.js'

export const API = 'https://api.x.com/2'

/** Ids are strings of digits: they are beyond 2^53. */
const id = z.string().regex(/^\d{1,40}$/)
const time = z.iso.datetime()

/** GET /2/users/me. https://docs.x.com/x-api/users/get-my-user */
export const me = z
  .object({
    data: z.object({ id, name: z.string(), username: z.string(), profile_image_url: z.url().nullish() }),
  })
  .transform(({ data: { profile_image_url: avatarUrl, ...account } }) => ({
    ...account,
    ...(avatarUrl && { avatarUrl }),
  }))

/** A list; `data` is missing when it is empty. https://docs.x.com/x-api/fundamentals/pagination */
export const list = z.object({
  data: z.array(z.unknown()).optional(),
  meta: z.object({
    result_count: z.number(),
    next_token: z.string().nullish(),
    newest_id: id.nullish(),
    oldest_id: id.nullish(),
  }),
})

/** GET /2/users/:id/following. https://docs.x.com/x-api/users/get-following */
export const followed = z.looseObject({
  id,
  name: z.string(),
  username: z.string().min(1),
  description: z.string().nullish(),
  profile_image_url: z.string().nullish(),
})

/** GET /2/users/:id/tweets. https://docs.x.com/x-api/users/get-posts */
export const post = z.looseObject({
  id,
  text: z.string(),
  created_at: time,
  /** The ids of all its versions, the first one first: an edit within 30 minutes makes a new id. */
  edit_history_tweet_ids: z.array(id).nullish(),
  /** The whole text of a long post, of which `text` has the beginning. */
  note_tweet: z.looseObject({ text: z.string() }).nullish(),
  attachments: z.looseObject({ poll_ids: z.array(z.string()).nullish() }).nullish(),
})
