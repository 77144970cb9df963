/** The file that holds the ring of keys: read again when it changed, and given a new first key, all of it or nothing. */
import { readFileSync, statSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { NodeError } from '../errors.js'
import { Redacted, reveal } from '../lib/redacted.js'
import { syncFolder } from '../lib/sync-folder.js'
import { generateKey, parseKeyRing, type KeyRing } from './key-ring.js'

export interface KeyFile {
  readonly path: string
  /** The keys in the file. @throws NodeError CONFIG_INVALID when it cannot be read, or holds no usable ring */
  read(): KeyRing
  /** The same, when the file is another one than at the last reading; a file that does not read is as one that did not change. */
  readIfChanged(): KeyRing | undefined
  /** Puts a new key first: it seals from now on, the others still open. @throws NodeError CONFIG_INVALID */
  addKey(): Promise<KeyRing>
  /** Takes a key out that does not seal. @throws NodeError CONFIG_INVALID */
  dropKey(id: string): Promise<KeyRing>
}

export function keyFile(path: string): KeyFile {
  let last = ''
  const read = (): KeyRing => {
    const seen = stateOf(path)
    const ring = parseKeyRing(textOf(path))
    last = seen
    return ring
  }
  /** One writer at a time: a key that is lost takes what it sealed with it. */
  async function rewrite(
    change: (ring: KeyRing, parts: readonly string[]) => readonly string[],
  ): Promise<KeyRing> {
    const draft = `${path}.new`
    const handle = await open(draft, 'wx', 0o600).catch((cause: unknown) => {
      const isThere = (cause as NodeJS.ErrnoException).code === 'EEXIST'
      const reason = isThere
        ? 'is there: another change runs, or one broke off; then remove it'
        : 'cannot be written'
      throw fault(`${draft} ${reason}`, cause)
    })
    try {
      // Read under the draft: what another change wrote is in it.
      const parts = reveal(textOf(path)).split(',')
      await handle.writeFile(change(parseKeyRing(textOf(path)), parts).join(','))
      await handle.sync()
      await handle.close()
      parseKeyRing(textOf(draft))
      await rename(draft, path)
    } catch (error) {
      await handle.close().catch(() => undefined)
      await rm(draft, { force: true })
      throw error
    }
    await syncFolder(dirname(path))
    return read()
  }
  return {
    path,
    read,
    readIfChanged() {
      try {
        return stateOf(path) === last ? undefined : read()
      } catch {
        // Half a ring is no ring: what is in use stays, and `read` tells whoever asks.
        return undefined
      }
    },
    addKey: () => rewrite((_ring, parts) => [generateKey(), ...parts]),
    dropKey: (id) =>
      rewrite(({ current, keys }, parts) => {
        if (id === current.id) throw fault(`key ${id} seals now: rotate first`)
        const place = keys.findIndex((key) => key.id === id)
        if (place < 0) throw fault(`there is no key ${id} on the ring`)
        return parts.filter((_part, index) => index !== place)
      }),
  }
}

function textOf(path: string): Redacted {
  try {
    return new Redacted(readFileSync(path, 'utf8').trim())
  } catch (cause) {
    throw fault(`${path} cannot be read`, cause)
  }
}

/** Its place on the disk, its size and its time: a file that was replaced differs in the first. */
function stateOf(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stat === undefined ? '' : [stat.ino, stat.size, stat.mtimeNs].join()
}

const fault = (detail: string, cause?: unknown): NodeError =>
  new NodeError('CONFIG_INVALID', { detail, cause })
