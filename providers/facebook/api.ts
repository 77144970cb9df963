/** What the Graph API answers, each field that we read. https://developers.facebook.com/docs/graph-api/reference */
import { z } from '../../src/provider/index.js'

const id = z.string().min(1)
const GRAPH_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([+-]\d\d:?\d\d|Z)$/

/** Times come as 2017-06-18T18:21:04+0000, which RFC 3339 and our schemas do not take: the zone lacks its colon. */
const time = z
  .string()
  .regex(GRAPH_TIME)
  .refine((text) => !Number.isNaN(Date.parse(text)))
  .transform((text) => new Date(text).toISOString())

/** GET /me. The picture's address is signed and ends after some days. https://developers.facebook.com/docs/graph-api/reference/user */
export const me = z
  .object({
    id,
    name: z.string(),
    picture: z.object({ data: z.object({ url: z.url() }) }).optional(),
  })
  .transform(({ picture, ...account }) => (picture ? { ...account, avatarUrl: picture.data.url } : account))

/** GET /me/likes: Pages, each with the time of the like. https://developers.facebook.com/docs/graph-api/reference/user/likes */
export const like = z.looseObject({ id, name: z.string().min(1), created_time: time })

/** The album that a photo is in. https://developers.facebook.com/docs/graph-api/reference/album */
export const album = z.looseObject({
  id,
  name: z.string().nullish(),
  link: z.string().nullish(),
  created_time: time.nullish(),
  updated_time: time.nullish(),
})

/** GET /me/photos and GET /{album}/photos. https://developers.facebook.com/docs/graph-api/reference/photo */
export const photo = z.looseObject({
  id,
  created_time: time,
  updated_time: time.nullish(),
  name: z.string().nullish(),
  link: z.string().nullish(),
  album: album.nullish(),
})

/** GET /me/posts. https://developers.facebook.com/docs/graph-api/reference/post */
export const post = z.looseObject({
  id,
  created_time: time,
  updated_time: time.nullish(),
  message: z.string().nullish(),
  story: z.string().nullish(),
  status_type: z.string().nullish(),
  permalink_url: z.string().nullish(),
  attachments: z
    .looseObject({ data: z.array(z.looseObject({ media_type: z.string().nullish() })) })
    .nullish(),
})
export type Post = z.output<typeof post>
