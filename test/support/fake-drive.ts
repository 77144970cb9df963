/** Google Drive as its documentation has it, for tests: drives, files and change logs that a test changes. https://developers.google.com/workspace/drive/api/reference/rest/v3 */
import type { Fault, SeenRequest } from './stand-in.js'

export interface DriveFile {
  readonly id: string
  readonly name: string
  readonly mimeType: string
  readonly parents: readonly string[]
  /** Of a shared drive. */
  readonly driveId?: string
  readonly trashed?: boolean
  readonly size?: string
  readonly version?: string
  readonly [member: string]: unknown
}

export interface FakeDrive {
  /** Adds a file, or changes members of it; the log tells of it. */
  put(file: Partial<DriveFile> & { readonly id: string }): void
  /** Paths that were asked for since the last look, without `/drive/v3/`. */
  asked(): readonly string[]
  /** `undefined` for what is none of Google's. */
  answer(seen: SeenRequest): Fault | undefined
}

const PAGE = 3
const MY_DRIVE = 'my-drive'
const TIMES = { createdTime: '2026-01-02T03:04:05.000Z', modifiedTime: '2026-01-02T03:04:05.000Z' }

export function fakeDrive(sharedDriveIds: readonly string[]): FakeDrive {
  const files = new Map<string, DriveFile>()
  const log: { readonly drive: string; readonly fileId: string }[] = []
  let asked: string[] = []
  const driveOf = ({ driveId = MY_DRIVE }: Pick<DriveFile, 'driveId'>) => driveId
  const page = <T>(all: readonly T[], token: string | null) => {
    const from = Number(token ?? 0)
    const isLast = from + PAGE >= all.length
    return { rows: all.slice(from, from + PAGE), next: isLast ? {} : { nextPageToken: `${from + PAGE}` } }
  }

  function list(query: URLSearchParams): object {
    const drive = query.get('driveId') ?? MY_DRIVE
    const live = [...files.values()].filter((file) => driveOf(file) === drive && file.trashed !== true)
    const { rows, next } = page(live, query.get('pageToken'))
    return { files: rows, ...next }
  }

  function changes(query: URLSearchParams): object {
    const drive = query.get('driveId') ?? MY_DRIVE
    const own = log.filter((entry) => entry.drive === drive)
    const { rows, next } = page(own, query.get('pageToken'))
    const told = rows.map(({ fileId }) => ({ changeType: 'file', fileId, file: files.get(fileId) }))
    return { changes: told, ...('nextPageToken' in next ? next : { newStartPageToken: `${own.length}` }) }
  }

  function bodyOf(path: string, query: URLSearchParams): object | undefined {
    switch (path) {
      case 'about':
        return { user: { permissionId: 'robot-1', displayName: 'Robot' } }
      case 'drives':
        return { drives: sharedDriveIds.map((id) => ({ id, name: `Drive ${id}` })) }
      case 'changes/startPageToken': {
        const drive = query.get('driveId') ?? MY_DRIVE
        return { startPageToken: `${log.filter((entry) => entry.drive === drive).length}` }
      }
      case 'files':
        return list(query)
      case 'changes':
        return changes(query)
      default:
        return undefined
    }
  }

  return {
    put(members) {
      const before = files.get(members.id)
      const version = String(Number(before?.version ?? 0) + 1)
      const file = { ...TIMES, name: '', mimeType: '', parents: [], ...before, version, ...members }
      files.set(file.id, file)
      log.push({ drive: driveOf(file), fileId: file.id })
    },
    asked() {
      const seen = asked
      asked = []
      return seen
    },
    answer({ url }) {
      if (url.host === 'oauth2.googleapis.com') return json({ access_token: 'a-token', expires_in: 3599 })
      if (url.host !== 'www.googleapis.com') return undefined
      const path = url.pathname.replace('/drive/v3/', '')
      asked.push(path)
      const body = bodyOf(path, url.searchParams)
      return body === undefined ? { kind: 'answer', status: 404, text: '{}' } : json(body)
    },
  }
}

const json = (body: object): Fault => ({ kind: 'answer', status: 200, text: JSON.stringify(body) })
