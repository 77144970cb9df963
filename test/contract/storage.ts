/** Suite C: what every place that keeps replicated documents must do. One rule per promise; each can fail (see `broken/storage-*.ts`). */
import { randomBytes, randomUUID } from 'node:crypto'
import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { replicationRules } from './storage-replication.js'
import {
  leaves,
  revision,
  written,
  type StorageCase,
  type StorageDatabase,
  type StoredDocument,
} from './storage-database.js'

type Rule = (storage: StorageCase) => Promise<void>

/** Rules about documents and revisions. */
const documentRules = {
  async 'C1-keeps-revisions'({ mine }) {
    const doc = revision('a', [hash('c'), hash('b'), hash('a')], { text: 'żółć 👩‍👩‍👧' })
    assert.deepEqual(await mine.bulkDocs([doc], false), [])
    const [found] = await mine.bulkGet([{ id: 'a', rev: doc._rev }])
    assert.equal(found?._rev, doc._rev)
    assert.deepEqual(found._revisions, doc._revisions)
    assert.equal(found['text'], doc['text'])
  },
  async 'C2-same-winner-in-any-order'({ mine }) {
    const low = hash('1')
    const high = hash('2')
    const cases: Readonly<Record<string, readonly StoredDocument[]>> = {
      'higher hash': [revision('x', [high]), revision('x', [low])],
      'longer path': [revision('x', [low, hash('0')]), revision('x', [high])],
      'live before deleted': [
        revision('x', [low]),
        revision('x', [high, hash('0'), hash('3')], { _deleted: true }),
      ],
    }
    for (const [what, [winner, loser]] of Object.entries(cases)) {
      if (winner === undefined || loser === undefined) assert.fail()
      for (const order of [
        [winner, loser],
        [loser, winner],
      ]) {
        const _id = randomUUID()
        for (const doc of order) await written(mine, [{ ...doc, _id }])
        assert.equal((await mine.winner(_id))?._rev, winner._rev, what)
      }
    }
  },
  async 'C3-revs-diff-is-exact'({ mine }) {
    const stored = revision('a', [hash('b'), hash('a')])
    await written(mine, [stored, revision('other', [hash('a')])])
    const unknown = `2-${hash('f')}`
    const ancestor = `1-${hash('a')}`
    const diff = await mine.revsDiff({
      a: [stored._rev, ancestor, unknown],
      other: [`1-${hash('a')}`],
      none: [ancestor],
    })
    const missing = Object.fromEntries(Object.entries(diff).map(([id, row]) => [id, row.missing]))
    const named = mine.forgetsAncestors === true ? [ancestor, unknown] : [unknown]
    assert.deepEqual(missing, { a: named, none: [ancestor] })
  },
  async 'C4-all-leaves-in-changes'({ mine }) {
    const docs = [
      revision('gone', [hash('2'), hash('1')], { _deleted: true }),
      revision('split', [hash('2')]),
      revision('split', [hash('3')]),
      revision('split', [hash('4'), hash('5')], { _deleted: true }),
    ]
    for (const doc of docs) await written(mine, [doc])
    const rows = leaves(await mine.changes({ since: 0 }))
    assert.deepEqual([...(rows.get('gone') ?? [])], [`2-${hash('2')}`])
    assert.deepEqual([...(rows.get('split') ?? [])].sort(), [
      `1-${hash('2')}`,
      `1-${hash('3')}`,
      `2-${hash('4')}`,
    ])
  },
  async 'C5-bulk-get-in-order'({ mine }) {
    const docs = [
      revision('a', [hash('2'), hash('1')], { n: 1 }),
      revision('b', [hash('3')], { n: 2, _deleted: true }),
    ]
    await written(mine, docs)
    const wanted = ['b', 'none', 'a'].map((id) => ({
      id,
      rev: docs.find((doc) => doc._id === id)?._rev ?? `1-${hash('1')}`,
    }))
    const found = await mine.bulkGet(wanted)
    assert.deepEqual(
      found.map((doc) => doc?._revisions?.ids),
      [[hash('3')], undefined, [hash('2'), hash('1')]],
    )
    assert.equal(found[0]?.['_deleted'], true)
  },
  async 'C6-same-batch-twice'({ mine }) {
    const batch = [revision('a', [hash('1')]), revision('b', [hash('2')])]
    await written(mine, batch)
    const before = await mine.changes({ since: 0 })
    await written(mine, batch)
    assert.deepEqual(leaves(await mine.changes({ since: 0 })), leaves(before))
    assert.deepEqual((await mine.changes({ since: before.last_seq })).results, [])
  },
  async 'C7-changes-go-on'({ mine }) {
    const ids = Array.from({ length: 7 }, (_, at) => `doc-${at}`)
    for (const id of ids) await written(mine, [revision(id, [hash('1')])])
    const first = await mine.changes({ since: 0, limit: 3 })
    assert.equal(first.results.length, 3)
    const rest = await mine.changes({ since: first.last_seq })
    assert.deepEqual([...first.results, ...rest.results].map(({ id }) => id).sort(), ids)
  },
  async 'C8-changes-of-named-documents'({ mine }) {
    for (const id of ['a', 'b', 'c']) await written(mine, [revision(id, [hash('1')])])
    await written(mine, [revision('b', [hash('2')])])
    const page = await mine.changes({ since: 0, docIds: ['b', 'none', 'a'] })
    const rows = leaves(page)
    assert.deepEqual([...rows.keys()].sort(), ['a', 'b'])
    assert.equal(rows.get('b')?.size, 2)
  },
  async 'C9-waits-for-a-write'({ mine }) {
    await written(mine, [revision('before', [hash('1')])])
    const { last_seq } = await mine.changes({ since: 0 })
    const next = mine.nextChange(last_seq)
    const first = await Promise.race([next, settled(mine.winner('before'))])
    assert.equal(first, undefined, 'answered before anything was written')
    await written(mine, [revision('after', [hash('1')])])
    assert.deepEqual(
      (await next).results.map(({ id }) => id),
      ['after'],
    )
  },
  async 'C10-local-documents-stay'({ mine }) {
    await mine.putLocal('mark', { at: 5 })
    assert.equal((await mine.getLocal('mark'))?.['at'], 5)
    await written(mine, [revision('a', [hash('1')])])
    assert.deepEqual([...leaves(await mine.changes({ since: 0 })).keys()], ['a'])
  },
  async 'C11-conflict-is-a-row'({ mine }) {
    await written(mine, [revision('a', [hash('1')])])
    const rows = await mine.bulkDocs([{ _id: 'a', n: 1 }, { _id: 'b' }], true)
    assert.deepEqual(
      rows.map(({ id, error }) => [id, error]),
      [
        ['a', 'conflict'],
        ['b', undefined],
      ],
    )
    assert.equal((await mine.winner('a'))?._rev, `1-${hash('1')}`)
  },
  async 'C12-attachments'({ mine }) {
    const bytes = randomBytes(5_000)
    const { rev } = await mine.putAttachment('a', 'picture.bin', 'image/x-test', bytes)
    const read = await mine.getAttachment('a', 'picture.bin')
    assert.equal(read?.type, 'image/x-test')
    assert.ok(bytes.equals(read.bytes), 'other bytes')
    assert.equal((await mine.winner('a'))?._rev, rev)
  },
} as const satisfies Record<string, Rule>

/** Rules of places that have users. */
const accessRules = {
  async 'C13-refused-is-a-row'({ mine }) {
    const design = { _id: '_design/view', language: 'javascript' }
    const rows = await mine.bulkDocs([{ _id: 'a' }, design, { _id: 'b' }], true)
    assert.deepEqual(
      rows.map(({ id, error }) => [id, error]),
      [
        ['a', undefined],
        ['_design/view', 'forbidden'],
        ['b', undefined],
      ],
    )
    assert.equal(await mine.winner('_design/view'), undefined)
  },
  async 'C14-reader-may-not-write'({ mine }) {
    const { reader } = usersOf(mine)
    await written(mine, [revision('a', [hash('1')])])
    assert.equal((await reader.winner('a'))?._rev, `1-${hash('1')}`)
    const rows = await reader.bulkDocs(
      [revision('b', [hash('1')]), revision('a', [hash('2'), hash('1')])],
      false,
    )
    assert.deepEqual(rows.map(({ id }) => id).sort(), ['a', 'b'])
    assert.deepEqual([...leaves(await mine.changes({ since: 0 })).keys()], ['a'])
  },
  async 'C15-outsider-is-refused'({ mine }) {
    const { outsider } = usersOf(mine)
    await assert.rejects(outsider.winner('a'), /40[13]/)
    await assert.rejects(outsider.bulkDocs([revision('a', [hash('1')])], false), /40[13]/)
    assert.deepEqual((await mine.changes({ since: 0 })).results, [])
  },
} as const satisfies Record<string, Rule>

export const storageRules = { ...documentRules, ...accessRules, ...replicationRules }
export type StorageRuleId = keyof typeof storageRules

/** Opens a database of its own, empty. */
export type OpenStorage = () => Promise<StorageCase>

/** The suite as tests. A place in one process has no users, and so no rules about them. */
export function storageContract(name: string, open: OpenStorage, { users = true } = {}): void {
  const rules = Object.entries(storageRules).filter(([id]) => users || !(id in accessRules))
  describe(name, () => {
    test.each(rules)('%s', (_id, rule) => holds(rule, open))
  })
}

/** The rules that a place breaks. An error that is no assertion counts as broken too. */
export async function brokenStorageRules(open: OpenStorage): Promise<StorageRuleId[]> {
  const broken: StorageRuleId[] = []
  for (const [id, rule] of Object.entries(storageRules)) {
    try {
      await holds(rule, open)
    } catch {
      broken.push(id as StorageRuleId)
    }
  }
  return broken
}

async function holds(rule: Rule, open: OpenStorage): Promise<void> {
  const storage = await open()
  try {
    await rule(storage)
  } finally {
    await storage.mine.destroy()
  }
}

function usersOf({ users }: StorageDatabase): NonNullable<StorageDatabase['users']> {
  assert.ok(users !== undefined, 'has no users')
  return users
}

/** The rest of a revision: 32 hexadecimal digits, all the same. */
const hash = (digit: string): string => digit.repeat(32)

/** `undefined` once something else was answered by the same place. */
async function settled(other: Promise<unknown>): Promise<undefined> {
  await other
  return undefined
}
