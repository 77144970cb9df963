/** Cuts the bytes of a file into records as they come: one chunk in memory, never the file. */
import { createHash } from 'node:crypto'
import { schemaUri } from '../../schemas/index.js'
import { NodeError } from '../errors.js'
import type { JsonObject } from '../lib/canonical-json.js'
import { sha256 } from '../lib/keyed-hash.js'
import type { SyncJob } from './job.js'
import type { SchemaUri, ValidRecord } from './record.js'
import { validatePage } from './validate-page.js'

export const chunkSchema = (): SchemaUri => schemaUri('file/chunk')

/** In base64 and with the other members below 1,000,000 bytes. */
export const CHUNK_BYTES = 737_280

export interface Chunk {
  readonly index: number
  readonly offset: number
  readonly bytes: Buffer
}

/** What the chunks come to. */
export interface WholeFile {
  readonly sha256: string
  readonly size: number
  readonly chunks: number
}

/** Each chunk is good until the next one is asked for. */
export async function* cutIntoChunks(body: AsyncIterable<Uint8Array>): AsyncGenerator<Chunk, WholeFile> {
  const hash = createHash('sha256')
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  let [filled, index, size] = [0, 0, 0]
  const chunk = (): Chunk => {
    const bytes = buffer.subarray(0, filled)
    hash.update(bytes)
    const cut = { index, offset: size, bytes }
    index += 1
    size += filled
    filled = 0
    return cut
  }
  for await (const part of body) {
    for (let at = 0; at < part.length;) {
      const taken = Math.min(part.length - at, CHUNK_BYTES - filled)
      buffer.set(part.subarray(at, at + taken), filled)
      filled += taken
      at += taken
      if (filled === CHUNK_BYTES) yield chunk()
    }
  }
  if (filled > 0) yield chunk()
  return { sha256: hash.digest('hex'), size, chunks: index }
}

/** The source id of a chunk: that of its document follows from it. */
export const chunkSourceId = (fileId: string, index: number): string => `${fileId}/${index}`

/** Says nothing of the file but its id: whatever else changes there, a chunk with the same bytes stays as it is. */
export function chunkRecord(job: SyncJob, fileId: string, { index, offset, bytes }: Chunk): ValidRecord {
  const schema = chunkSchema()
  const sourceId = chunkSourceId(fileId, index)
  const record: JsonObject = {
    schema,
    name: `Chunk ${index}`,
    sourceApplication: job.provider.homepage,
    sourceAccountId: job.account.id,
    sourceId,
    fileId,
    index,
    offset,
    length: bytes.length,
    sha256: sha256(bytes).toString('hex'),
    bytes: bytes.toString('base64'),
  }
  const mapped = { sourceId, record, characters: bytes.length * 2 }
  const [valid] = validatePage(schema, { records: [mapped], rejected: [], skipped: {} }).valid
  if (valid === undefined) throw new NodeError('INTERNAL', { detail: 'a chunk does not pass its schema' })
  return valid
}
