/** What Dropbox answers, only the fields that we read. https://www.dropbox.com/developers/documentation/http/documentation */
import { z } from '../../src/provider/index.js'

/** POST /2/users/get_current_account. https://www.dropbox.com/developers/documentation/http/documentation#users-get_current_account */
export const me = z
  .object({
    account_id: z.string().min(1),
    name: z.object({ display_name: z.string() }),
    email: z.string(),
    profile_photo_url: z.url().nullish(),
  })
  .transform(({ account_id: id, name, email, profile_photo_url: avatarUrl }) => ({
    id,
    name: name.display_name,
    username: email,
    ...(avatarUrl && { avatarUrl }),
  }))

/**
 * POST /2/files/list_folder and list_folder/continue.
 * https://www.dropbox.com/developers/documentation/http/documentation#files-list_folder
 */
export const listPage = z.object({
  entries: z.array(z.unknown()),
  cursor: z.string().min(1),
  has_more: z.boolean(),
})

/** An entry that has a place. What is not mounted has none. */
export const placed = z.looseObject({ '.tag': z.string(), path_lower: z.string().startsWith('/') })

const common = { id: z.string().min(1), name: z.string(), path_lower: z.string().startsWith('/').nullish() }

/** FileMetadata and FolderMetadata, of the same page. */
export const entry = z.discriminatedUnion('.tag', [
  z.looseObject({
    '.tag': z.literal('file'),
    ...common,
    server_modified: z.string(),
    size: z.number(),
  }),
  z.looseObject({ '.tag': z.literal('folder'), ...common }),
])

/**
 * POST /2/files/list_revisions: only files have any.
 * https://www.dropbox.com/developers/documentation/http/documentation#files-list_revisions
 */
export const revisions = z.object({ is_deleted: z.boolean() })

/** A refusal: `error` is a union, whose `.tag` names the member. */
export const refusal = z.object({ error: z.object({ '.tag': z.string() }) })
