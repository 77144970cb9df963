/** A partition of the files: My Drive, or a shared drive by its id. */
import type { HttpQuery } from '../../src/provider/index.js'

/** What is no shared drive: the person's own files, and those shared with them one by one. */
export const MY_DRIVE = 'my-drive'

/** A file that moves between drives leaves one log and enters another, in no order: its old and new record must differ. */
export function fileSourceId(partition: string, fileId: string): string {
  return partition === MY_DRIVE ? fileId : `${partition}/${fileId}`
}

export const driveOf = (partition: string): HttpQuery =>
  partition === MY_DRIVE ? {} : { driveId: partition }

export function corpusOf(partition: string): HttpQuery {
  if (partition === MY_DRIVE) return { corpora: 'user' }
  return { corpora: 'drive', driveId: partition, includeItemsFromAllDrives: true, supportsAllDrives: true }
}
