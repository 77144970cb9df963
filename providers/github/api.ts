/** What the REST API answers, each field that we read. https://docs.github.com/rest */
import { z } from '../../src/provider/index.js'

/** Numbers; the client hands over those beyond 2^53 as strings of their digits. */
const id = z.union([z.string().regex(/^\d{1,40}$/), z.number().int().nonnegative()]).transform(String)
const time = z.iso.datetime()
const login = z.string().min(1)

/** GET /user. https://docs.github.com/rest/users/users#get-the-authenticated-user */
export const me = z
  .object({ id, login, name: z.string().nullish(), avatar_url: z.url().nullish() })
  .transform(({ id, login, name, avatar_url: avatarUrl }) => ({
    id,
    name: name ?? login,
    username: login,
    ...(avatarUrl && { avatarUrl }),
  }))

const repository = z.looseObject({
  id,
  full_name: z.string().min(1),
  html_url: z.string(),
  description: z.string().nullish(),
  owner: z.looseObject({ avatar_url: z.string().nullish() }).nullish(),
})

/** GET /user/starred with the star media type. https://docs.github.com/rest/activity/starring */
export const star = z.looseObject({ starred_at: time, repo: repository })

/** GET /user/following. https://docs.github.com/rest/users/followers */
export const followed = z.looseObject({
  id,
  login,
  html_url: z.string(),
  avatar_url: z.string().nullish(),
})

/** GET /issues: pull requests too, with `pull_request`. https://docs.github.com/rest/issues/issues */
export const issue = z.looseObject({
  id,
  number: z.number().int().positive(),
  title: z.string(),
  body: z.string().nullish(),
  html_url: z.string(),
  created_at: time,
  updated_at: time,
  repository_url: z.string().nullish(),
})

/** GET /users/{login}/events. https://docs.github.com/rest/using-the-rest-api/github-event-types */
export const event = z.looseObject({
  id,
  type: z.string().min(1),
  repo: z.looseObject({ name: z.string().min(1) }),
  created_at: time,
  payload: z.looseObject({ action: z.string().nullish(), ref_type: z.string().nullish() }).nullish(),
})
export type Event = z.output<typeof event>

/** GET /user/repos. https://docs.github.com/rest/repos/repos */
export const project = z.looseObject({
  full_name: z.string().min(1),
  html_url: z.string(),
  created_at: time.nullish(),
  updated_at: time.nullish(),
})

/** GET /search/issues. https://docs.github.com/rest/search/search */
export const found = z.object({ items: z.array(z.unknown()) })

/** GET /repos/{owner}/{repo}/issues/{number}/comments. https://docs.github.com/rest/issues/comments */
export const comment = z.looseObject({
  id,
  body: z.string().nullish(),
  user: z.looseObject({ login }).nullish(),
  created_at: time,
  updated_at: time.nullish(),
})

/** POST /repos/{owner}/{repo}/hooks. https://docs.github.com/rest/repos/webhooks */
export const hook = z.object({ id })
