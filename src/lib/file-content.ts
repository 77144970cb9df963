/** Reads the content of a file out of its chunks, and believes none of it before its checksums say so. Touches no network and no disk. */
import { createHash } from 'node:crypto'

/** The member `content` of a file's record whose content is stored. */
export interface StoredContent {
  readonly state: 'stored'
  readonly fileId: string
  /** Of the whole, lower-case hex. */
  readonly sha256: string
  /** Bytes of the whole. */
  readonly size: number
  readonly chunks: number
}

export type ContentFault = 'NOT_STORED' | 'CHUNK_MISSING' | 'CHUNK_DAMAGED' | 'WHOLE_DIFFERS'

/** Why a file cannot be read. What was given out before it is not the file: throw it away. */
export class ContentError extends Error {
  override readonly name = 'ContentError'
  constructor(
    readonly code: ContentFault,
    detail: string,
  ) {
    super(`${code}: ${detail}`)
  }
}

type Members = Readonly<Record<string, unknown>>

/** What a file's record says of its content. @throws ContentError NOT_STORED, with the reason that the record gives */
export function storedContent(file: Members): StoredContent {
  const content = membersOf(file['content'])
  const { state, reason, fileId, sha256, size, chunks } = content
  const isWhole =
    state === 'stored' &&
    typeof fileId === 'string' &&
    typeof sha256 === 'string' &&
    isCount(size) &&
    isCount(chunks)
  if (!isWhole)
    throw new ContentError('NOT_STORED', textOf(reason) ?? textOf(state) ?? 'nothing is said of it')
  return { state, fileId, sha256, size, chunks }
}

/**
 * The bytes in order, a chunk at a time. `chunkAt` gives the record of a chunk of this file, `undefined` for none.
 * Only a reading that ends without an error is the file. @throws ContentError
 */
export async function* readFileContent(
  file: Members,
  chunkAt: (index: number) => Promise<Members | undefined>,
): AsyncGenerator<Uint8Array, StoredContent> {
  const content = storedContent(file)
  const whole = createHash('sha256')
  let offset = 0
  for (let index = 0; index < content.chunks; index += 1) {
    const chunk = await chunkAt(index)
    if (chunk === undefined) throw new ContentError('CHUNK_MISSING', `chunk ${index} of ${content.chunks}`)
    const bytes = bytesOf(chunk, { fileId: content.fileId, index, offset })
    whole.update(bytes)
    offset += bytes.length
    yield bytes
  }
  if (offset !== content.size || whole.digest('hex') !== content.sha256)
    throw new ContentError('WHOLE_DIFFERS', `${offset} of ${content.size} bytes`)
  return content
}

interface Place {
  readonly fileId: string
  readonly index: number
  readonly offset: number
}

function bytesOf(chunk: Members, place: Place): Uint8Array {
  const bytes = Buffer.from(textOf(chunk['bytes']) ?? '', 'base64')
  const isSound =
    chunk['fileId'] === place.fileId &&
    chunk['index'] === place.index &&
    chunk['offset'] === place.offset &&
    chunk['length'] === bytes.length &&
    chunk['sha256'] === createHash('sha256').update(bytes).digest('hex')
  if (isSound) return bytes
  throw new ContentError('CHUNK_DAMAGED', `chunk ${place.index}`)
}

const membersOf = (value: unknown): Members =>
  typeof value === 'object' && value !== null ? (value as Members) : {}
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0
