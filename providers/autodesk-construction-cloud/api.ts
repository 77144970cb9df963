/** What Autodesk Platform Services answer, each field that we read. https://aps.autodesk.com/en/docs/data/v2/overview/field-guide */
import { z } from '../../src/provider/index.js'

/** `b.c2960674-...` of hubs and projects, `urn:adsk.wipprod:fs.folder:co...` of the rest. */
const id = z.string().regex(/^[\w.:?=~-]{1,200}$/)
/** Times have up to seven digits of a second. */
const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString())
const related = z.looseObject({ data: z.looseObject({ id }).nullish() }).nullish()

/** Lists answer a page number only where there is a next page. */
export const list = z.object({
  data: z.array(z.unknown()),
  included: z.array(z.unknown()).nullish(),
  links: z.looseObject({ next: z.object({ href: z.string() }).nullish() }).nullish(),
})

/** https://aps.autodesk.com/en/docs/data/v2/reference/http/hubs-hub_id-GET/ */
export const hub = z.object({
  id,
  attributes: z.looseObject({ name: z.string(), region: z.string().nullish() }),
})
export const one = z.object({ data: z.unknown() })

/** https://aps.autodesk.com/en/docs/data/v2/reference/http/hubs-hub_id-projects-GET/ */
export const project = z.object({
  id,
  attributes: z.looseObject({ name: z.string() }),
  relationships: z.looseObject({ rootFolder: related }).nullish(),
})

const attributes = z.looseObject({
  displayName: z.string().nullish(),
  createTime: time,
  lastModifiedTime: time,
  hidden: z.boolean().nullish(),
})

/** https://aps.autodesk.com/en/docs/data/v2/reference/http/projects-project_id-folders-folder_id-contents-GET/ */
export const entry = z.looseObject({
  type: z.enum(['folders', 'items']),
  id,
  attributes: z.looseObject({ hidden: z.boolean().nullish() }),
  relationships: z.looseObject({ tip: related }).nullish(),
})
export const folder = z.looseObject({
  type: z.literal('folders'),
  id,
  attributes: attributes.extend({ name: z.string().nullish() }),
})
export const version = z.looseObject({
  id,
  attributes: z.looseObject({
    name: z.string().nullish(),
    displayName: z.string().nullish(),
    versionNumber: z.int().nullish(),
    mimeType: z.string().nullish(),
    fileType: z.string().nullish(),
    storageSize: z.int().min(0).nullish(),
  }),
  links: z.looseObject({ webView: z.looseObject({ href: z.string() }).nullish() }).nullish(),
})
/** An item with its latest version, as this provider joins them. */
export const file = z.looseObject({
  type: z.literal('items'),
  id,
  attributes,
  relationships: z.looseObject({ parent: related }).nullish(),
  tip: version.nullish(),
  projectId: z.string().nullish(),
})
export type File = z.output<typeof file>
/** A folder as this provider lists it. */
export const listedFolder = folder.extend({ projectId: z.string(), parentId: z.string().nullish() })
export type ListedFolder = z.output<typeof listedFolder>

/** https://aps.autodesk.com/en/docs/acc/v1/reference/http/issues-issues-GET/ */
export const results = z.object({
  pagination: z.object({ totalResults: z.int() }),
  results: z.array(z.unknown()),
})
export const issue = z.object({
  id,
  title: z.string(),
  createdAt: time.nullish(),
  updatedAt: time.nullish(),
})
/** https://aps.autodesk.com/en/docs/acc/v1/reference/http/issues-comments-GET/ */
export const comment = z.object({
  id,
  body: z.string(),
  createdBy: z.string().nullish(),
  createdAt: time,
})

/** https://aps.autodesk.com/en/docs/oauth/v2/developers_guide/error_handling/ */
export const failure = z.object({ errorCode: z.string().regex(/^AUTH-\d{3}$/) })

/** https://aps.autodesk.com/en/docs/webhooks/v1/reference/events/data_management_events/dm.version.added/ */
export const notification = z.object({
  hook: z.object({
    event: z.string(),
    hookAttribute: z.looseObject({ projectId: z.string().optional() }).nullish(),
  }),
})
