/** P1: 10,000 records end to end through the node, against a raw push of the same sealed bytes to the same storage node. */
import { RECORDS, median, type Bench } from './bench-node.js'
import { openCouch } from './couch.js'
import type { Figure } from './main.js'

const ROUNDS = 5
const BATCH = 500

export async function measureP1(bench: Bench): Promise<Figure & { readonly unsignedRatio: number }> {
  const couch = openCouch(bench.services)
  const before = new Set(await couch.databases())
  await (await bench.owner()).sync()
  const largest = await largestOf(
    couch,
    (await couch.databases()).filter((name) => !before.has(name)),
  )
  const bodies = bodiesOf(largest)

  const signed: number[] = []
  const unsigned: number[] = []
  const raw: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    signed.push((await (await bench.owner({ signed: true })).sync()).ms)
    raw.push(await rawPush(couch, bodies, round))
    unsigned.push((await (await bench.owner({ signed: false })).sync()).ms)
  }
  const yardstick = median(raw)
  return {
    ratio: yardstick / median(signed),
    unsignedRatio: yardstick / median(unsigned),
    ours: { signedMs: median(signed), unsignedMs: median(unsigned), records: RECORDS },
    yardstick: { rawPushMs: yardstick, documents: largest.length },
  }
}

type Couch = ReturnType<typeof openCouch>

async function largestOf(couch: Couch, names: readonly string[]): Promise<readonly object[]> {
  const all = await Promise.all(names.map((name) => couch.documents(name)))
  return all.sort((a, b) => b.length - a.length)[0] ?? []
}

function bodiesOf(documents: readonly object[]): readonly Buffer[] {
  const bodies: Buffer[] = []
  for (let at = 0; at < documents.length; at += BATCH) {
    const docs = documents.slice(at, at + BATCH)
    bodies.push(Buffer.from(JSON.stringify({ new_edits: false, docs })))
  }
  return bodies
}

/** Two bodies in flight, as the node has two pages. */
async function rawPush(couch: Couch, bodies: readonly Buffer[], round: number): Promise<number> {
  const database = `raw${round}`
  await couch.create(database)
  const began = performance.now()
  const waiting = [...bodies]
  const worker = async (): Promise<void> => {
    for (let body = waiting.shift(); body !== undefined; body = waiting.shift())
      await couch.push(database, body)
  }
  await Promise.all([worker(), worker()])
  const ms = performance.now() - began
  await couch.remove(database)
  return ms
}
