/** The shared drives that the person is a member of. https://developers.google.com/workspace/drive/api/reference/rest/v3/drives/list */
import { NodeError, readAnswer, type ProviderHttp } from '../../src/provider/index.js'
import { drive, DRIVE_API, drivesPage, LIST_COST } from './drive-api.js'

const MAX_PAGES = 40

export interface DrivesQuery {
  readonly pageSize: number
  readonly pageToken?: string | undefined
}

export async function drivesPageOf(http: ProviderHttp, { pageSize, pageToken }: DrivesQuery) {
  const query = { pageSize, fields: 'nextPageToken,drives(id,name,createdTime)', pageToken }
  return readAnswer(drivesPage, await http.get(`${DRIVE_API}/drives`, { query, cost: LIST_COST }))
}

export async function sharedDriveIds(http: ProviderHttp): Promise<readonly string[]> {
  const ids: string[] = []
  let pageToken: string | undefined
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const list = await drivesPageOf(http, { pageSize: 100, pageToken })
    ids.push(...list.drives.flatMap((row) => drive.safeParse(row).data?.id ?? []))
    pageToken = list.nextPageToken
    if (pageToken === undefined) return ids
  }
  throw new NodeError('PROVIDER_CHANGED', { detail: 'the list of shared drives does not end' })
}
