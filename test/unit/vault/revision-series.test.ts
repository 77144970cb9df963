/** Revisions over real databases (protocol.md 2): nobody shows a stale value, nobody meets a conflict. */
import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../../src/lib/canonical-json.js'
import type { StagedDocument } from '../../../src/vault/staged-document.js'
import { carriedLeaf } from '../../../src/vault/rev.js'
import type { Pouch } from '../../support/pouch.js'
import { database, leavesOf, readers, REV_KEY, Run, shownBy, store, type Reader } from './replicas.js'

const IDS = Array.from({ length: 20 }, (_, at) => `document-${at}`)
const SERIES = ['A', 'B', 'A', 'A', 'B', 'A', 'C', 'A'] as const
const record = (value: string, id: string) => ({ value, of: id })

/** Documents that a reader shows with another value than this one, or with a conflict. */
async function wrong(reader: Reader, node: Pouch, value: string): Promise<readonly string[]> {
  const shown = await reader.pull(node)
  return IDS.filter((id) => {
    const one = shown.get(id)
    return (
      one === undefined ||
      one.conflicts > 0 ||
      canonicalJson(one.record as never) !== canonicalJson(record(value, id))
    )
  })
}
async function expectAll(all: readonly Reader[], node: Pouch, value: string): Promise<void> {
  for (const reader of all) expect(await wrong(reader, node, value), `${reader.name} at ${value}`).toEqual([])
}
const writeAll = (run: Run, value: string): StagedDocument[] =>
  IDS.flatMap((id) => run.write(id, record(value, id)))

describe('A B A A B A C A', () => {
  it('is shown by every reader, whether it pulls each time or only at the end', async () => {
    const node = database()
    const eager = readers()
    const late = readers()
    for (const [at, value] of SERIES.entries()) {
      const run = await new Run(100 + at).read(node)
      const sent = writeAll(run, value)
      // The second A in a row is unchanged, and costs no write.
      expect(sent).toHaveLength(at > 0 && SERIES[at - 1] === value ? 0 : IDS.length)
      await store(node, sent)
      await expectAll(eager, node, value)
    }
    await expectAll(late, node, 'A')
  })

  it('is shown when one run writes it all: the generation inside keeps equal records apart', async () => {
    const node = database()
    const eager = readers()
    const run = new Run(100)
    for (const value of SERIES) {
      await store(node, writeAll(run, value))
      run.winners.settle()
      await expectAll(eager, node, value)
    }
  })

  it('would be stale in PouchDB 7 if the generation were not inside', async () => {
    const node = database()
    const reader = readers()[1]
    if (reader === undefined) throw new Error('no reader')
    const hashOf = (id: string, value: string) =>
      `00000001${createHmac('sha256', REV_KEY)
        .update(canonicalJson([id, value]))
        .digest('hex')
        .slice(0, 24)}`
    const path: string[] = []
    for (const value of ['A', 'B', 'A']) {
      path.unshift(value)
      const documents = IDS.map((id) => ({
        _id: id,
        _rev: `${path.length}-${hashOf(id, value)}`,
        _revisions: { start: path.length, ids: path.map((one) => hashOf(id, one)) },
        payload: JSON.stringify(record(value, id)),
      }))
      await store(node, documents)
      await wrong(reader, node, value)
    }
    expect((await wrong(reader, node, 'A')).length).toBeGreaterThan(0)
  })
})

describe('two runs that write the same generation', () => {
  it('the later lease wins in every document, on every node and reader', async () => {
    const [one, two] = [database(), database()]
    const first = new Run(100)
    await Promise.all([one, two].map(async (node) => store(node, writeAll(first, 'A'))))
    // The earlier run was fenced after the later one began: each wrote on the same winner, in either order of arrival.
    const earlier = await new Run(101).read(one)
    const later = await new Run(102).read(one)
    const [late, early] = [writeAll(later, 'C'), writeAll(earlier, 'B')]
    await store(one, early)
    await store(one, late)
    await store(two, late)
    await store(two, early)
    for (const node of [one, two]) {
      const shown = await shownBy(node)
      expect(IDS.map((id) => shown.get(id)?.record)).toEqual(IDS.map((id) => record('C', id)))
    }
  })

  it('leave a second leaf, which the next run ends; then no reader has a conflict', async () => {
    const node = database()
    const all = readers()
    await store(node, writeAll(new Run(100), 'A'))
    const [earlier, later] = [await new Run(101).read(node), await new Run(102).read(node)]
    await store(node, [...writeAll(earlier, 'B'), ...writeAll(later, 'C')])
    for (const reader of all) await reader.pull(node)
    // Unchanged by value: the second leaves are ended all the same.
    const sent = writeAll(await new Run(103).read(node), 'C')
    expect(sent.map(({ _deleted }) => _deleted)).toEqual(IDS.map(() => true))
    await store(node, sent)
    await expectAll(all, node, 'C')
    expect(writeAll(await new Run(104).read(node), 'C')).toEqual([])
  })

  it('leave a second leaf, which the next change ends in the same batch', async () => {
    const node = database()
    const all = readers()
    const [earlier, later] = [new Run(101), new Run(102)]
    await store(node, [...writeAll(earlier, 'B'), ...writeAll(later, 'C')])
    for (const reader of all) await reader.pull(node)
    const sent = writeAll(await new Run(103).read(node), 'D')
    expect(sent).toHaveLength(2 * IDS.length)
    await store(node, sent)
    await expectAll(all, node, 'D')
  })
})

describe('an item that comes twice in one slice', () => {
  it('is sent with its whole path, so that a node that sees only the last one has no conflict', async () => {
    const [all, last] = [database(), database()]
    const eager = readers()
    const first = writeAll(new Run(100), 'A')
    await Promise.all([all, last].map(async (node) => store(node, first)))
    const run = await new Run(101).read(all, last)
    const pages = [writeAll(run, 'B'), writeAll(run, 'A'), writeAll(run, 'C')]
    // The order inside a batch is not kept by replication: the newest comes first.
    await store(all, [...pages].reverse().flat())
    await store(last, pages[2] ?? [])
    for (const node of [all, last]) {
      expect([...(await leavesOf(node)).values()].map((leaves) => leaves.length)).toEqual(IDS.map(() => 1))
      await expectAll(readers(), node, 'C')
    }
    await expectAll(eager, all, 'C')
    await expectAll(eager, last, 'C')
  })
})

describe('a deletion', () => {
  it('ends every leaf, and no reader that had pulled keeps the record', async () => {
    const node = database()
    const all = readers()
    const [earlier, later] = [new Run(101), new Run(102)]
    await store(node, [...writeAll(earlier, 'B'), ...writeAll(later, 'C')])
    for (const reader of all) await reader.pull(node)
    const run = await new Run(103).read(node)
    await store(
      node,
      IDS.flatMap((id) => run.delete(id)),
    )
    for (const reader of all) expect([...(await reader.pull(node)).keys()], reader.name).toEqual([])
  })

  it('wins over a tombstone that the owner grew beyond it', async () => {
    const node = database()
    const all = readers()
    await store(node, writeAll(new Run(100), 'A'))
    const grown = IDS.map((id) => ({
      _id: id,
      _rev: '6-f6',
      _deleted: true as const,
      _revisions: { start: 6, ids: ['f6', 'f5', 'f4', 'f3', 'f2', 'f1'] },
    }))
    await store(node, grown)
    for (const reader of all) await reader.pull(node)
    const run = await new Run(101).read(node)
    await store(
      node,
      IDS.flatMap((id) => run.delete(id)),
    )
    for (const reader of all) expect([...(await reader.pull(node)).keys()], reader.name).toEqual([])
  })

  it('is followed by the record again when the provider gives it again', async () => {
    const node = database()
    const all = readers()
    await store(node, writeAll(new Run(100), 'A'))
    for (const reader of all) await reader.pull(node)
    const run = await new Run(101).read(node)
    await store(
      node,
      IDS.flatMap((id) => run.delete(id)),
    )
    for (const reader of all) await reader.pull(node)
    await store(node, writeAll(await new Run(102).read(node), 'A'))
    await expectAll(all, node, 'A')
  })
})

describe('generations never restart', () => {
  /** A Vault that has pulled three generations from a database that is forgotten then. */
  async function forgotten(): Promise<{
    readonly all: readonly Reader[]
    readonly kept: ReadonlyMap<string, string>
  }> {
    const node = database()
    const all = readers()
    for (const [at, value] of ['A', 'B', 'C'].entries()) {
      await store(node, writeAll(await new Run(100 + at).read(node), value))
      await expectAll(all, node, value)
    }
    const kept = new Map([...(await leavesOf(node))].map(([id, [leaf]]) => [id, leaf?.rev ?? '']))
    await node.destroy()
    return { all, kept }
  }
  const HOURS_SINCE_1970 = 480_000

  it('a new database goes on from the leaves that were kept', async () => {
    const { all, kept } = await forgotten()
    const run = new Run(200)
    for (const [id, rev] of kept) run.winners.load(id, [carriedLeaf(rev)])
    const node = database()
    // The same value as the last: the record is not there any more, so that it is written.
    await store(node, writeAll(run, 'C'))
    await expectAll(all, node, 'C')
    await store(node, writeAll(await new Run(201).read(node), 'A'))
    await expectAll(all, node, 'A')
  })

  it('or from the hours since 1970, where they are lost', async () => {
    const { all } = await forgotten()
    const node = database()
    await store(
      node,
      IDS.flatMap((id) => new Run(200).write(id, record('D', id), HOURS_SINCE_1970)),
    )
    const shown = await Promise.all(all.map(async (reader) => reader.pull(node)))
    for (const one of shown) for (const id of IDS) expect(one.get(id)?.record).toEqual(record('D', id))
  })

  it('would be stale from generation 1', async () => {
    const { all } = await forgotten()
    const node = database()
    await store(node, writeAll(new Run(200), 'D'))
    for (const reader of all) expect((await wrong(reader, node, 'D')).length, reader.name).toBe(IDS.length)
  })
})
