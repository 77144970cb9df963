/** Puts a file together out of the Vault's own copy of its chunks, one at a time, and checks it as it goes. */
import { createHash } from 'node:crypto'
import { readFileContent, storedContent } from '../../lib/file-content.js'
import type { FileInput, FileReport } from './messages.js'
import type { Vault } from './vault.js'

/** @throws ContentError, or that there is no such file */
export async function readFile(vault: Vault, input: FileInput): Promise<FileReport> {
  const files = await vault.documents(input.schema)
  for await (const file of files.all()) {
    if (file['sourceId'] !== input.sourceId || file['schema'] !== input.schema) continue
    const { fileId } = storedContent(file)
    const chunks = await vault.documents(input.chunkSchema)
    const ids = new Map<unknown, string>()
    for await (const chunk of chunks.all()) if (chunk['fileId'] === fileId) ids.set(chunk['index'], chunk._id)
    const whole = createHash('sha256')
    let size = 0
    for await (const bytes of readFileContent(file, async (index) => {
      const id = ids.get(index)
      return id === undefined ? undefined : chunks.get(id)
    })) {
      whole.update(bytes)
      size += bytes.length
    }
    return { name: String(file['name']), size, sha256: whole.digest('hex') }
  }
  throw new Error('the Vault holds no such file')
}
