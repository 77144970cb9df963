/** Contents of files of Drive: stored ones as they are, documents of Google's own editors in the form that others open. */
import { skip, type ContentOffer, type FileContent, type SettingsShape } from '../../src/provider/index.js'
import { DOWNLOAD_COST, DRIVE_API, FOLDER, type DriveFile } from './drive-api.js'

const NATIVE = 'application/vnd.google-apps.'
const OFFICE = 'application/vnd.openxmlformats-officedocument.'

/** At most 10 MB of each. https://developers.google.com/workspace/drive/api/guides/ref-export-formats */
const EXPORTS: Readonly<Partial<Record<string, string>>> = {
  [`${NATIVE}document`]: `${OFFICE}wordprocessingml.document`,
  [`${NATIVE}spreadsheet`]: `${OFFICE}spreadsheetml.sheet`,
  [`${NATIVE}presentation`]: `${OFFICE}presentationml.presentation`,
  [`${NATIVE}drawing`]: 'image/svg+xml',
}

export const driveContent: FileContent<SettingsShape, DriveFile> = {
  of(file) {
    const { id, mimeType } = file
    if (mimeType === FOLDER || mimeType === `${NATIVE}shortcut`) return undefined
    const address = `${DRIVE_API}/files/${encodeURIComponent(id)}`
    const form = EXPORTS[mimeType]
    if (form !== undefined) {
      const url = `${address}/export?mimeType=${encodeURIComponent(form)}`
      // Each export of the same document has other bytes: only the time tells that it changed.
      return { version: file.modifiedTime, url, mimeType: form }
    }
    // Forms, sites, maps, scripts: there is no form of their own that others open.
    if (mimeType.startsWith(NATIVE)) return skip('native')
    return { ...stored(file), url: `${address}?alt=media&supportsAllDrives=true` }
  },
  open: (http, { url }, { maxBytes }) => http.download(url, { maxBytes, cost: DOWNLOAD_COST }),
}

/** The revision of the bytes: it stays when only the name or the place changes. */
function stored(file: DriveFile): Pick<ContentOffer, 'version' | 'sizeBytes'> {
  const { headRevisionId, sha256Checksum, md5Checksum, modifiedTime, size } = file
  const version = headRevisionId ?? sha256Checksum ?? md5Checksum ?? modifiedTime
  return { version, ...(typeof size === 'number' && { sizeBytes: size }) }
}
