/** What the service remembers over a restart, as one JSON file of mode 0600; tokens are in it only as hashes. Secrets of webhooks, which it signs with, are in it as they are. */
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { NodeError } from '../../errors.js'
import type { Item } from './content/item.js'

const item = z.looseObject({ id: z.string() }) as unknown as z.ZodType<Item>
const change = z.object({ id: z.string(), item: item.nullable() })
const scopes = z.array(z.string())

const grant = z.object({ personId: z.string(), scopes })
const code = grant.extend({
  redirectUri: z.string(),
  challenge: z.string(),
  expiresAtMs: z.number(),
  /** The grant made from this code, once it was used. */
  grantId: z.string().optional(),
})

const webhook = z.object({
  personId: z.string(),
  url: z.string(),
  secret: z.string(),
  streams: z.array(z.string()),
})

const state = z.object({
  version: z.literal(1),
  client: z.object({ secret: z.string(), redirectUris: z.array(z.string()) }),
  /** By id. A grant that was revoked is not here, and neither are its tokens. */
  grants: z.record(z.string(), grant),
  /** By hash, as are both kinds of tokens. */
  codes: z.record(z.string(), code),
  accessTokens: z.record(z.string(), z.object({ grantId: z.string(), scopes, expiresAtMs: z.number() })),
  refreshTokens: z.record(z.string(), z.object({ grantId: z.string(), used: z.boolean() })),
  /** What the content was made from, and how often all cursors were made to expire. */
  content: z.object({ made: z.string(), epoch: z.number() }),
  /** By `person/stream`. */
  changes: z.record(z.string(), z.array(change)),
  /** By id. */
  webhooks: z.record(z.string(), webhook).default({}),
})

export type SavedGrant = z.output<typeof grant>
export type SavedCode = z.output<typeof code>
export type SavedWebhook = z.output<typeof webhook>
export type State = z.output<typeof state>

export interface StateFile {
  readonly state: State
  /** Returns when everything that `state` held at the call is on disk. */
  save(): Promise<void>
}

/**
 * Reads the file of `folder`, or begins with `fresh`. Without a folder nothing is kept.
 * @throws NodeError CONFIG_INVALID when the file is not ours.
 */
export async function openState(folder: string | undefined, fresh: State): Promise<StateFile> {
  if (folder === undefined) return { state: fresh, save: () => Promise.resolve() }
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, 'sandbox.json')
  const found = (await readState(file)) ?? fresh
  let last = Promise.resolve()
  return {
    state: found,
    save: () => {
      const written = last.then(() => writeWhole(file, JSON.stringify(found)))
      // A write that failed is reported to its own caller and must not stop the next one.
      last = written.catch(() => undefined)
      return written
    },
  }
}

async function readState(file: string): Promise<State | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw cause
  }
  try {
    return state.parse(JSON.parse(text))
  } catch (cause) {
    throw new NodeError('CONFIG_INVALID', {
      detail: `the sandbox service cannot read ${file}; delete it to begin anew`,
      cause,
    })
  }
}

/** Writes beside the file and renames, so that a crash leaves the old file or the new one. */
async function writeWhole(file: string, text: string): Promise<void> {
  const beside = `${file}.new`
  const handle = await open(beside, 'w', 0o600)
  try {
    await handle.writeFile(text, 'utf8')
    await handle.datasync()
  } finally {
    await handle.close()
  }
  await rename(beside, file)
}
