/** The sound provider with live reads, which `provider-browse-*.ts` spoil. */
import { readAnswer, z, type Browse } from '../../../src/provider/index.js'
import type { BrowseFixtures } from '../../support/browse-fixtures.js'
import type { ProviderCase } from '../../support/provider-case.js'
import { API, soundCase, withFacts } from './sound-provider.js'

const listsPage = z.object({ lists: z.array(z.looseObject({ id: z.string(), title: z.string() })) })
const notesPage = z.object({
  notes: z.array(z.looseObject({ id: z.string(), title: z.string(), createdAt: z.string() })),
  next: z.string().nullable(),
})

export const soundBrowse: Browse = {
  containerKinds: ['list'],
  itemKinds: ['issue'],
  filters: ['container', 'search'],
  async containers(http) {
    const { lists } = readAnswer(listsPage, await http.get(`${API}/lists`))
    return { data: lists.map((raw) => ({ id: raw.id, kind: 'list', name: raw.title, raw })) }
  },
  async items(http, { containerId, search, limit, cursor }) {
    const query = { list: containerId, q: search, limit, after: cursor as string | undefined }
    const { notes, next } = readAnswer(notesPage, await http.get(`${API}/notes`, { query }))
    return {
      data: notes.map((raw) => ({
        id: raw.id,
        kind: 'issue',
        name: raw.title,
        createdAt: raw.createdAt,
        raw,
      })),
      ...(next !== null && { cursor: next }),
    }
  },
}

const note = (n: number) => ({
  id: `n-${n}`,
  title: `Note ${n}`,
  createdAt: `2024-01-0${n}T10:00:00Z`,
  extra: n,
})
const entry = (n: number) => ({
  id: `n-${n}`,
  kind: 'issue',
  name: `Note ${n}`,
  createdAt: `2024-01-0${n}T10:00:00Z`,
})
const notes = (query: string, numbers: readonly number[], next: string | null) => ({
  request: `GET ${API}/notes?${query}`,
  body: { notes: numbers.map(note), next },
})

export const browseFixtures: BrowseFixtures = {
  calls: [
    { request: `GET ${API}/lists`, body: { lists: [{ id: 'l-1', title: 'Work' }] } },
    notes('list=l-1&limit=2', [1, 2], 'place-2'),
    notes('list=l-1&limit=2&after=place-2', [3], null),
    notes('list=l-1&q=one&limit=5', [1], null),
  ],
  expected: {
    containers: [{ why: 'all', query: { limit: 5 }, pages: [[{ id: 'l-1', kind: 'list', name: 'Work' }]] }],
    items: [
      {
        why: 'of a list',
        query: { containerId: 'l-1', limit: 2 },
        pages: [[entry(1), entry(2)], [entry(3)]],
      },
      { why: 'search', query: { containerId: 'l-1', search: 'one', limit: 5 }, pages: [[entry(1)]] },
    ],
  },
}

/** The sound case with live reads that may be spoilt. */
export function withBrowse(
  browse: Partial<Browse> = {},
  fixtures: Partial<BrowseFixtures> = {},
): ProviderCase {
  return withFacts(
    { browse: { ...soundBrowse, ...browse } },
    { browse: { ...browseFixtures, ...fixtures }, readme: soundCase.readme },
  )
}
