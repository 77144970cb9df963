/** What a staging says of its leaves: from memory while it is new, from the disk afterwards, and the same both times. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { stagedDocument, type StagedDocument } from '../../../src/vault/staged-document.js'
import { Staging } from '../../../src/vault/staging.js'

const row = {
  id: 'one',
  connectionId: 'connection',
  leaseNumber: 1,
  database: 'database',
  nodes: [],
  path: 'one',
  createdAtMs: 0,
}
const hash = (digit: string): string => digit.repeat(32)
const LOSING = `00000000${'f'.repeat(24)}`

/** A revision by the hashes of its path, newest first; without a payload it is a tombstone. */
function revision(id: string, path: readonly string[], payload?: string): StagedDocument {
  return stagedDocument(id, { rev: `${path.length}-${path[0] ?? ''}`, path }, payload)
}

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'connector-node-staging-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function leavesOf(staging: Staging): Promise<readonly string[]> {
  const found: string[] = []
  for await (const page of staging.leaves())
    found.push(...page.map(({ id, rev, deleted }) => `${id} ${rev}${deleted ? ' deleted' : ''}`))
  return found.sort()
}

it('names the ends of every line, as PouchDB finds them when it is opened again', async () => {
  const made = new Staging(row, folder, true)
  await made.add([
    revision('once', [hash('a')], 'x'),
    revision('twice', [hash('a')], 'x'),
    revision('gone', [hash('a')], 'x'),
  ])
  await made.add([
    revision('twice', [hash('b'), hash('a')], 'y'),
    revision('twice', [hash('c'), hash('b'), hash('a')], 'z'),
    revision('gone', [hash('b'), hash('a')]),
    revision('split', [hash('b'), hash('a')], 'x'),
    revision('split', [LOSING, hash('9')]),
  ])
  const leaves = await leavesOf(made)
  expect(leaves).toEqual([
    `gone 2-${hash('b')} deleted`,
    `once 1-${hash('a')}`,
    `split 2-${LOSING} deleted`,
    `split 2-${hash('b')}`,
    `twice 3-${hash('c')}`,
  ])
  await made.close()
  const opened = new Staging(row, folder)
  expect(await leavesOf(opened)).toEqual(leaves)
  await opened.close()
})
