/** The part of suite C about PouchDB's own replication, 9 as this node has it and 7 as Verida's clients have it. */
import assert from 'node:assert/strict'
import { memoryDatabase, pouch7, pouch9, type Pouch } from '../support/pouch.js'
import { leaves, revision, written, type PouchEnd, type StorageCase } from './storage-database.js'

/** Settles when it ended. */
interface LiveReplication extends PromiseLike<unknown> {
  on(event: 'paused', listener: () => void): LiveReplication
  cancel(): void
}
interface Replicator {
  replicate(
    from: PouchEnd,
    to: PouchEnd,
    options?: object,
  ): Promise<{ readonly ok: boolean; readonly doc_write_failures: number }>
}
interface LiveReplicator {
  replicate(from: PouchEnd, to: PouchEnd, options: { readonly live: true }): LiveReplication
}

export const replicationRules = {
  'C16-replicates-with-9': (storage: StorageCase) => bothWays(storage, 9),
  'C17-replicates-with-7': (storage: StorageCase) => bothWays(storage, 7),
  'C18-live-with-9': (storage: StorageCase) => live(storage, 9),
  'C19-live-with-7': (storage: StorageCase) => live(storage, 7),
}

const classOf = (version: 7 | 9): unknown => (version === 7 ? pouch7() : pouch9())

/** Documents, deletions, conflicts and attachments arrive; local documents do not. */
async function bothWays({ mine }: StorageCase, version: 7 | 9): Promise<void> {
  const Pouch = classOf(version) as Replicator
  const [source, target] = [opened(version), opened(version)]
  try {
    await source.bulkDocs(
      [
        revision('live', [hash('1')], { text: 'żółć' }),
        revision('gone', [hash('2'), hash('1')], { _deleted: true }),
        revision('split', [hash('3')]),
        revision('split', [hash('4')]),
        revision('file', [hash('5')], {
          _attachments: { a: { content_type: 'text/plain', data: Buffer.from('bytes').toString('base64') } },
        }),
      ],
      { new_edits: false },
    )
    await source.put({ _id: '_local/mark', at: 1 })
    const pushed = await Pouch.replicate(source, mine.end(version))
    assert.deepEqual([pushed.ok, pushed.doc_write_failures], [true, 0])
    const wanted = leaves((await source.changes({ style: 'all_docs' })) as never)
    assert.deepEqual(leaves(await mine.changes({ since: 0 })), wanted, 'pushed')
    assert.equal((await mine.getAttachment('file', 'a'))?.bytes.toString(), 'bytes')
    assert.equal(await mine.getLocal('mark'), undefined)

    await mine.putLocal('mark', { at: 2 })
    await written(mine, [revision('live', [hash('6'), hash('1')], { text: 'second' })])
    await Pouch.replicate(mine.end(version), target)
    const pulled = leaves((await target.changes({ style: 'all_docs' })) as never)
    assert.deepEqual(pulled, leaves(await mine.changes({ since: 0 })), 'pulled')
    assert.equal((await target.get('live'))['text'], 'second')
    await assert.rejects(target.get('_local/mark'))
  } finally {
    await source.destroy()
    await target.destroy()
  }
}

/** What is written while a replication runs arrives without a second start, in both directions. */
async function live({ mine }: StorageCase, version: 7 | 9): Promise<void> {
  const Pouch = classOf(version) as LiveReplicator
  const local = opened(version)
  const push = Pouch.replicate(local, mine.end(version), { live: true })
  const pull = Pouch.replicate(mine.end(version), local, { live: true })
  try {
    await Promise.all([idle(push), idle(pull)])
    const { last_seq } = await mine.changes({ since: 0 })
    const arrived = mine.nextChange(last_seq)
    await local.bulkDocs([revision('pushed', [hash('1')])], { new_edits: false })
    assert.deepEqual(
      (await arrived).results.map(({ id }) => id),
      ['pushed'],
    )
    await written(mine, [revision('pulled', [hash('2')])])
    assert.equal((await arriving(local, 'pulled'))._rev, `1-${hash('2')}`)
  } finally {
    push.cancel()
    pull.cancel()
    await Promise.allSettled([push, pull])
    await local.destroy()
  }
}

function opened(version: 7 | 9): Pouch {
  const { name, open } = memoryDatabase(version)
  return open(name)
}

/** How long anything may take here. */
const PATIENCE_MS = 5_000

/** It has caught up and waits for more. @throws when it does not, or ended */
async function idle(running: LiveReplication): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  await new Promise<void>((resolve, reject) => {
    timer = setTimeout(() => reject(new Error('never idle')), PATIENCE_MS)
    running.on('paused', resolve)
    running.then(() => reject(new Error('ended')), reject)
  }).finally(() => clearTimeout(timer))
}

async function arriving(pouch: Pouch, id: string): Promise<{ readonly _rev: string }> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const [found] = (await pouch.bulkGet({ docs: [{ id }] })).results
    const doc = found?.docs[0]?.ok as { readonly _rev: string } | undefined
    if (doc !== undefined) return doc
    assert.ok(Date.now() < deadline, `${id} did not arrive`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const hash = (digit: string): string => digit.repeat(32)
