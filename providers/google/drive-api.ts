/** What the Drive API v3 answers, each field that we read. https://developers.google.com/workspace/drive/api/reference/rest/v3 */
import { z } from '../../src/provider/index.js'

export const DRIVE_API = 'https://www.googleapis.com/drive/v3'
export const FOLDER = 'application/vnd.google-apps.folder'

/** Units of a call. https://developers.google.com/workspace/drive/api/guides/limits#per-method-quota */
export const LIST_COST = 100
export const READ_COST = 5
export const DOWNLOAD_COST = 200

/** Left out: links that are signed anew in each answer, and what changes when somebody only looks. */
export const FILE_FIELDS = [
  'id,name,mimeType,description,starred,trashed,parents,driveId,version,webViewLink,createdTime,modifiedTime',
  'size,md5Checksum,sha256Checksum,fileExtension,originalFilename,headRevisionId,shared,ownedByMe',
  'owners(displayName,emailAddress),lastModifyingUser(displayName,emailAddress)',
  'shortcutDetails(targetId,targetMimeType)',
].join(',')

const id = z.string().min(1)
const text = z.string().nullish()
const time = z.iso.datetime({ offset: true })

/** https://developers.google.com/workspace/drive/api/reference/rest/v3/files#File. Numbers of 64 bits come as texts. */
export const file = z.looseObject({
  id,
  name: z.string(),
  mimeType: z.string().min(1),
  description: text,
  driveId: text,
  parents: z.array(z.string()).nullish(),
  webViewLink: text,
  createdTime: time,
  modifiedTime: time,
  size: z
    .string()
    .regex(/^\d{1,16}$/)
    .transform(Number)
    .nullish(),
  fileExtension: text,
  headRevisionId: text,
  sha256Checksum: text,
  md5Checksum: text,
})
export type DriveFile = z.output<typeof file>

export const filesPage = z.object({ files: z.array(z.unknown()), nextPageToken: z.string().optional() })

/** https://developers.google.com/workspace/drive/api/reference/rest/v3/changes/getStartPageToken */
export const startPageToken = z.object({ startPageToken: z.string() })

/** https://developers.google.com/workspace/drive/api/reference/rest/v3/changes/list */
export const changesPage = z.object({
  changes: z.array(z.unknown()),
  nextPageToken: z.string().optional(),
  newStartPageToken: z.string().optional(),
})

/** A change of a file; those of a shared drive itself have no file. */
export const fileChange = z.looseObject({
  changeType: z.literal('file'),
  fileId: id,
  file: z.unknown().optional(),
})

/** Removed: deleted, or out of this person's sight. */
export const removedChange = z.looseObject({
  changeType: z.literal('file'),
  fileId: id,
  removed: z.literal(true),
})
export const trashedChange = z.looseObject({
  changeType: z.literal('file'),
  fileId: id,
  file: z.looseObject({ trashed: z.literal(true) }),
})

/** https://developers.google.com/workspace/drive/api/reference/rest/v3/drives */
export const drive = z.looseObject({ id, name: z.string(), createdTime: time.nullish() })
export const drivesPage = z.object({ drives: z.array(z.unknown()), nextPageToken: z.string().optional() })

/** https://developers.google.com/workspace/drive/api/reference/rest/v3/about */
export const about = z.object({
  user: z.object({
    permissionId: id,
    displayName: z.string(),
    emailAddress: z.string().optional(),
    photoLink: z.url().optional(),
  }),
})

/** My Drive, by the alias `root`. */
export const rootFolder = z.object({ id, name: z.string() })

/** https://developers.google.com/workspace/drive/api/reference/rest/v3/comments */
export const commentsPage = z.object({ comments: z.array(z.unknown()), nextPageToken: z.string().optional() })
export const comment = z.looseObject({
  id,
  content: z.string(),
  createdTime: time,
  modifiedTime: time,
  author: z.looseObject({ displayName: text }).nullish(),
})
