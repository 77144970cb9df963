/** What the YouTube Data API v3 answers, each field that we read. https://developers.google.com/youtube/v3/docs */
import { z } from '../../src/provider/index.js'

export const YOUTUBE_API = 'https://www.googleapis.com/youtube/v3'

const id = z.string().min(1)
const time = z.iso.datetime({ offset: true })

export const itemsPage = z.object({ items: z.array(z.unknown()), nextPageToken: z.string().optional() })

/** https://developers.google.com/youtube/v3/docs/subscriptions#resource. `publishedAt`: when it was subscribed to. */
export const subscription = z.looseObject({
  snippet: z.looseObject({
    publishedAt: time,
    title: z.string(),
    description: z.string().nullish(),
    resourceId: z.looseObject({ channelId: id }),
  }),
})

/** https://developers.google.com/youtube/v3/docs/channels#contentDetails.relatedPlaylists. Without a channel there are no `items`. */
export const channelsPage = z.object({
  items: z
    .array(z.object({ contentDetails: z.object({ relatedPlaylists: z.object({ likes: z.string() }) }) }))
    .optional(),
  pageInfo: z.looseObject({}),
})

/** https://developers.google.com/youtube/v3/docs/playlistItems#resource. `publishedAt`: when it was put into the list. */
export const likedVideo = z.looseObject({
  snippet: z.looseObject({
    publishedAt: time,
    title: z.string(),
    description: z.string().nullish(),
    resourceId: z.looseObject({ videoId: id }),
  }),
})
