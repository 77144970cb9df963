/** A file of a project in the form of the schema, which demands an extension, a type and a size. */
import type { JsonObject } from '../../src/provider/index.js'
import type { File, ListedFolder } from './api.js'

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

export function folderFields({ id, type, attributes, projectId, parentId }: ListedFolder): JsonObject {
  const { name, displayName, createTime, lastModifiedTime } = attributes
  const listing = { projectId, ...(parentId && { parentId }) }
  return {
    name: filled(name) ?? filled(displayName) ?? id,
    extension: '',
    mimeType: 'application/vnd.autodesk.folder',
    size: 0,
    projectId,
    // Without what changes whenever something below it does.
    sourceData: { type, id, attributes: { name, displayName, createTime, lastModifiedTime }, ...listing },
  }
}

const filled = (text: string | null | undefined): string | undefined => (text?.trim() ? text : undefined)
