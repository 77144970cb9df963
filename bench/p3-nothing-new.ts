/** P3: a sync with nothing new, in time and in calls to the storage node, against pulling the owner's databases whole. */
import type { Bench } from './bench-node.js'
import { openCouch } from './couch.js'
import { median, rounded, type Figure } from './figure.js'
import { fullPull } from './full-pull.js'

const ROUNDS = 5

export async function measureP3(bench: Bench): Promise<Figure> {
  const couch = openCouch(bench.services)
  const before = new Set(await couch.databases())
  const owner = await bench.owner('signed')
  await owner.sync()
  const made = (await couch.databases()).filter((name) => !before.has(name))
  const resyncs: number[] = []
  const pulls: number[] = []
  const calls: number[] = []
  let pages = 0
  let documents = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    const callsBefore = bench.storageCalls('signed')
    const { ms, status } = await owner.sync()
    resyncs.push(ms)
    calls.push(bench.storageCalls('signed') - callsBefore)
    const { written, deleted } = status.counts
    if (written + deleted > 0) throw new Error(`a sync with nothing new wrote ${written + deleted} records`)
    pages = status.counts.pages
    const pull = await fullPull(couch, made)
    pulls.push(pull.ms)
    documents = pull.documents
    if (documents < bench.services.records) throw new Error(`the pull found only ${documents} documents`)
  }
  return {
    ratio: rounded(median(pulls) / median(resyncs)),
    ours: {
      ms: rounded(median(resyncs)),
      storageCalls: median(calls),
      callsAllowed: 2 * pages + 2,
      pages,
      all: resyncs.map(rounded),
    },
    yardstick: { fullPullMs: rounded(median(pulls)), documents, all: pulls.map(rounded) },
  }
}
