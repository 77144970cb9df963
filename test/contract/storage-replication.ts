/** The part of suite C about PouchDB's own replication, 9 as this node has it and 7 as Verida's clients have it. */
import assert from 'node:assert/strict'
import { memoryDatabase, pouch7, pouch9, type Pouch } from '../support/pouch.js'
import { leaves, revision, written, type PouchEnd, type StorageCase } from './storage-database.js'

/** Settles when it ended. */
interface LiveReplication extends PromiseLike<unknown> {
  on(event: 'change' | 'paused', listener: () => void): LiveReplication
  on(event: 'error', listener: (error: unknown) => void): LiveReplication
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
  const running = [
    Pouch.replicate(local, mine.end(version), { live: true }),
    Pouch.replicate(mine.end(version), local, { live: true }),
  ]
  try {
    await Promise.all(running.map((one) => event(one, 'paused')))
    const { last_seq } = await mine.changes({ since: 0 })
    const arrived = mine.nextChange(last_seq)
    await local.bulkDocs([revision('pushed', [hash('1')])], { new_edits: false })
    assert.deepEqual(
      (await arrived).results.map(({ id }) => id),
      ['pushed'],
    )
    const came = event(running[1], 'change')
    await written(mine, [revision('pulled', [hash('2')])])
    await came
    assert.equal((await local.get('pulled'))._rev, `1-${hash('2')}`)
  } finally {
    for (const one of running) await ended(one)
    await local.destroy()
  }
}

function opened(version: 7 | 9): Pouch {
  const { name, open } = memoryDatabase(version)
  return open(name)
}

/** @throws when none comes in 5 s */
async function event(running: LiveReplication | undefined, name: 'change' | 'paused'): Promise<void> {
  if (running === undefined) assert.fail()
  let timer: NodeJS.Timeout | undefined
  await new Promise<void>((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no ${name} came`)), 5_000)
    running.on(name, resolve).on('error', reject)
  }).finally(() => clearTimeout(timer))
}

async function ended(running: LiveReplication): Promise<void> {
  running.cancel()
  await Promise.allSettled([running])
}

const hash = (digit: string): string => digit.repeat(32)
