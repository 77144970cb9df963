/** Reads a body whole, decompressed, never holding more than the cap: what grows beyond it is cut off while it grows. */
import { Transform, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress, createGunzip, type BrotliDecompress, type Gunzip } from 'node:zlib'
import { NodeError } from '../errors.js'

/** What `readBody` can undo. */
export const ACCEPT_ENCODING = 'gzip, br'

/** @throws NodeError PROVIDER_CHANGED: too large, or compressed in an unknown or broken way; else the stream's own error */
export async function readBody(body: Readable, encoding: string, maxBytes: number): Promise<Buffer> {
  // The stream tells of its end by abort in an event too, even after the pipeline has let go of it.
  body.on('error', () => undefined)
  const chunks: Buffer[] = []
  let bytes = 0
  const collect = async (source: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of source) {
      bytes += chunk.length
      if (bytes > maxBytes) return
      chunks.push(chunk)
    }
  }
  const decompress = decompressorOf(encoding)
  try {
    if (decompress === 'unknown') throw unreadable('compressed in a way that was not asked for')
    await (decompress === undefined ? pipeline(body, collect) : pipeline(body, decompress, collect))
  } catch (error) {
    body.destroy()
    const isEmpty = decompress instanceof Transform && decompress.bytesWritten === 0
    if (isEmpty && codeOf(error) === ENDED_EARLY) return Buffer.alloc(0)
    // Leaving the loop ends the stream, which then complains of that before anything else.
    if (bytes <= maxBytes) throw isBrokenData(error) ? unreadable('that cannot be decompressed') : error
  }
  if (bytes > maxBytes) throw unreadable(`of more than ${maxBytes} bytes`)
  return Buffer.concat(chunks, bytes)
}

const unreadable = (how: string): NodeError =>
  new NodeError('PROVIDER_CHANGED', { detail: `an answer ${how}` })

export function decompressorOf(encoding: string): Gunzip | BrotliDecompress | 'unknown' | undefined {
  const name = encoding.trim().toLowerCase()
  if (name === '' || name === 'identity') return undefined
  if (name === 'gzip' || name === 'x-gzip') return createGunzip()
  return name === 'br' ? createBrotliDecompress() : 'unknown'
}

/** A compressed body that stops short: the connection's fault, not the service's form. */
const ENDED_EARLY = 'Z_BUF_ERROR'

export function isBrokenData(error: unknown): boolean {
  const code = codeOf(error)
  return code !== ENDED_EARLY && (code.startsWith('Z_') || code.startsWith('ERR__ERROR'))
}

function codeOf(error: unknown): string {
  return error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? '') : ''
}
