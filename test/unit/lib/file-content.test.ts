import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ContentError, readFileContent } from '../../../src/lib/file-content.js'

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const parts = [Buffer.from('first '), Buffer.from('second'), Buffer.from('.')]
const whole = Buffer.concat(parts)

const chunk = (index: number, changes: object = {}): Record<string, unknown> => {
  const bytes = parts[index] ?? Buffer.alloc(0)
  const offset = parts.slice(0, index).reduce((sum, part) => sum + part.length, 0)
  const sealed = { sha256: sha256(bytes), bytes: bytes.toString('base64') }
  return { fileId: 'f', index, offset, length: bytes.length, ...sealed, ...changes }
}
const content = (changes: object = {}): Record<string, unknown> => ({
  content: { state: 'stored', fileId: 'f', sha256: sha256(whole), size: whole.length, chunks: 3, ...changes },
})

async function read(
  file = content(),
  chunkAt: (index: number) => Record<string, unknown> | undefined = (index) => chunk(index),
): Promise<string> {
  const got: Uint8Array[] = []
  for await (const bytes of readFileContent(file, async (index) => chunkAt(index))) got.push(bytes)
  return Buffer.concat(got).toString('utf8')
}

describe('the content of a file', () => {
  it('is what its chunks come to', async () => {
    expect(await read()).toBe('first second.')
    expect(await read(content({ chunks: 0, size: 0, sha256: sha256(Buffer.alloc(0)) }))).toBe('')
  })

  it.each([
    ['says nothing', {}],
    ['waits', { content: { state: 'pending' } }],
    ['is absent', { content: { state: 'absent', reason: 'too_large' } }],
    ['says half', { content: { state: 'stored', fileId: 'f' } }],
    ['counts less than none', content({ chunks: -1 })],
  ])('is not there when its record %s', async (_what, file) => {
    await expect(read(file)).rejects.toMatchObject({ code: 'NOT_STORED' })
  })

  it('names the reason of its absence', async () => {
    const absent = read({ content: { state: 'absent', reason: 'too_large' } })
    await expect(absent).rejects.toThrow(new ContentError('NOT_STORED', 'too_large'))
  })

  it.each([
    ['is missing', () => undefined, 'CHUNK_MISSING'],
    ['is of another file', (n: number) => chunk(n, { fileId: 'g' }), 'CHUNK_DAMAGED'],
    ['stands at another place', (n: number) => chunk(n === 1 ? 2 : n), 'CHUNK_DAMAGED'],
    ['begins elsewhere', (n: number) => chunk(n, { offset: 1 }), 'CHUNK_DAMAGED'],
    ['is short', (n: number) => chunk(n, { bytes: 'AAAA' }), 'CHUNK_DAMAGED'],
    ['has another checksum', (n: number) => chunk(n, { sha256: '0'.repeat(64) }), 'CHUNK_DAMAGED'],
  ])('is not given as good when a chunk %s', async (_what, chunkAt, code) => {
    await expect(read(content(), chunkAt)).rejects.toMatchObject({ code })
  })

  it.each([
    ['its checksum', { sha256: '0'.repeat(64) }],
    ['its size', { size: 12 }],
    ['the number of its chunks', { chunks: 2 }],
  ])('is not given as good when the whole is not what the record says: %s', async (_what, changes) => {
    await expect(read(content(changes))).rejects.toMatchObject({ code: 'WHOLE_DIFFERS' })
  })
})
