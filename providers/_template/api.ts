/** What the service answers, only the fields that we read, each with the page that documents it. */
import { z } from '../../src/provider/index.js'

/** GET /me. https://template.example/docs/me */
export const me = z.object({ id: z.string().min(1), name: z.string() })

/** GET /posts. https://template.example/docs/posts. Rows are checked one by one, by the stream: one odd row loses no page. */
export const postsPage = z.object({ posts: z.array(z.unknown()), next: z.string(), more: z.boolean() })

/** Loose: fields that we do not know stay in `sourceData`. What map relies on is declared here, or map meets it unchecked. */
export const post = z.looseObject({
  id: z.string().min(1),
  text: z.string().nullish(),
  draft: z.boolean().optional(),
  url: z.string(),
  createdAt: z.string(),
  updatedAt: z.string().nullish(),
})
