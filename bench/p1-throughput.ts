/** P1: a first sync of 10,000 items end to end through the node, against a raw push of the same sealed bytes to the same storage node. */
import { ITEMS, type Bench, type Kind, type MeasuredSync } from './bench-node.js'
import { openCouch, type Couch, type SealedDocument } from './couch.js'
import { median, rounded, type Figure } from './figure.js'

const ROUNDS = 5
const BATCH = 500

export async function measureP1(bench: Bench): Promise<Figure & { readonly unsignedRatio: number }> {
  const couch = openCouch(bench.services)
  const before = new Set(await couch.databases())
  // The first sync of each kind warms its node up and is not counted; its documents are those of the raw push.
  await wholeSync(bench, 'unsigned')
  const unsignedOnly = new Set(await couch.databases())
  await wholeSync(bench, 'signed')
  const made = (await couch.databases()).filter((name) => !before.has(name) && !unsignedOnly.has(name))
  const documents = await largestOf(couch, made)
  const bodies = bodiesOf(documents)
  await rawPush(couch, bodies, documents.length)

  const times = { signed: [] as MeasuredSync[], unsigned: [] as MeasuredSync[], raw: [] as number[] }
  for (let round = 0; round < ROUNDS; round += 1) {
    times.raw.push(await rawPush(couch, bodies, documents.length))
    times.signed.push(await wholeSync(bench, 'signed'))
    times.raw.push(await rawPush(couch, bodies, documents.length))
    times.unsigned.push(await wholeSync(bench, 'unsigned'))
  }
  const raw = median(times.raw)
  const signed = times.signed.map(({ ms }) => ms)
  const unsigned = times.unsigned.map(({ ms }) => ms)
  return {
    ratio: rounded(raw / median(signed)),
    unsignedRatio: rounded(raw / median(unsigned)),
    ours: {
      signedMs: rounded(median(signed)),
      unsignedMs: rounded(median(unsigned)),
      signedCpuMs: rounded(median(times.signed.map(({ cpuMs }) => cpuMs))),
      unsignedCpuMs: rounded(median(times.unsigned.map(({ cpuMs }) => cpuMs))),
      items: ITEMS,
      records: bench.services.records,
      allSignedMs: signed.map(rounded),
      allUnsignedMs: unsigned.map(rounded),
    },
    yardstick: { rawPushMs: rounded(raw), documents: documents.length, allRawPushMs: times.raw.map(rounded) },
  }
}

/** A new owner's first sync. @throws when it did not write every record */
async function wholeSync(bench: Bench, kind: Kind): Promise<MeasuredSync> {
  const owner = await bench.owner(kind)
  const sync = await owner.sync()
  const { written } = sync.status.counts
  const { records } = bench.services
  if (written !== records) throw new Error(`the sync wrote ${written} of ${records} records`)
  return sync
}

async function largestOf(couch: Couch, names: readonly string[]): Promise<readonly SealedDocument[]> {
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

/** Into an open, empty database; as many bodies in flight as the node has. @throws when not all of it was stored */
async function rawPush(couch: Couch, bodies: readonly Buffer[], documents: number): Promise<number> {
  const database = 'raw'
  await couch.create(database)
  await couch.count(database)
  const waiting = [...bodies]
  const worker = async (): Promise<void> => {
    for (let body = waiting.shift(); body !== undefined; body = waiting.shift())
      await couch.push(database, body)
  }
  const beganAt = performance.now()
  await Promise.all([worker(), worker(), worker()])
  const ms = performance.now() - beganAt
  const stored = await couch.count(database)
  if (stored !== documents) throw new Error(`the raw push stored ${stored} of ${documents} documents`)
  await couch.remove(database)
  return ms
}
