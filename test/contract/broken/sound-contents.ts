/** The sound provider with files and their contents, which `provider-content-*.ts` spoil. */
import type { FileContent, SettingsShape } from '../../../src/provider/index.js'
import type { Outcome, ProviderCase } from '../../support/provider-case.js'
import { API, draftOf, item, outcome, page, post, soundFixtures, withStream } from './sound-provider.js'

const TEXT = 'The content of the first file.'

const offered: FileContent<SettingsShape, unknown> = {
  of(raw) {
    const { id, createdAt } = post.parse(raw)
    return { version: createdAt, url: `${API}/files/${id}` }
  },
}

const asFiles = ({ records, ...rest }: Outcome): Outcome => ({
  ...rest,
  records: records.map((record) => ({ ...record, fields: fileFields(record.sourceId) })),
})

const fileFields = (id: string) => ({ name: id, extension: '', mimeType: 'text/plain', size: 0 })

export function withContents(changes: Partial<FileContent<SettingsShape, unknown>> = {}): ProviderCase {
  return withStream(
    {
      schema: 'file',
      map: (raw) => {
        const read = post.parse(raw)
        const { insertedAt } = draftOf(read)
        if (read.draft === true) return { skip: 'draft' }
        return { sourceId: read.id, ...(insertedAt && { insertedAt }), fields: fileFields(read.id) }
      },
      content: { ...offered, ...changes },
    },
    {
      ...soundFixtures,
      pages: [
        page('/posts', [item(1), item(2)], 'place-2', true),
        page('/posts?after=place-2', [item(3)], 'place-3', false),
      ],
      content: [{ request: `GET ${API}/files/p-1`, body: null, text: TEXT }],
      expected: { first: asFiles(outcome(1, 2, 3)), later: asFiles(outcome(4)) },
    },
  )
}
