/** A file of a project in the form of the schema, which demands an extension, a type and a size. */
import type { JsonObject } from '../../src/provider/index.js'
import type { File } from './api.js'

export const fileName = ({ id, attributes, tip }: File): string =>
  filled(tip?.attributes.name) ?? filled(attributes.displayName) ?? filled(tip?.attributes.displayName) ?? id

export function fileFields(item: File): JsonObject {
  const name = fileName(item)
  const { fileType, mimeType, storageSize, versionNumber } = item.tip?.attributes ?? {}
  return {
    name,
    extension: filled(fileType) ?? /\.([^.\s]{1,20})$/.exec(name)?.[1]?.toLowerCase() ?? '',
    mimeType: filled(mimeType) ?? 'application/octet-stream',
    // Models that are kept in the cloud have none.
    size: storageSize ?? 0,
    uri: item.tip?.links?.webView?.href,
    version: versionNumber === null || versionNumber === undefined ? undefined : String(versionNumber),
    versionId: item.tip?.id,
    folderId: item.relationships?.parent?.data?.id,
    projectId: item.projectId ?? undefined,
  }
}

const filled = (text: string | null | undefined): string | undefined => (text?.trim() ? text : undefined)
