/** A process that syncs slice after slice until somebody kills it; its rows and its ledger are in a file, as a database has them. */
import { readFileSync, writeFileSync } from 'node:fs'
import { Redacted } from '../../../src/lib/redacted.js'
import { finish, newControlPlane, posts, testNode, write, type Network } from '../../support/vault-node.js'

export interface ChildFacts {
  readonly network: Network
  readonly dataDir: string
  /** The control plane as JSON. */
  readonly file: string
  readonly privateKey: string
  readonly secret: string
  /** Of every record that this process writes. */
  readonly text: string
  /** Runs before this one: its lease is higher than theirs. */
  readonly runs: number
}

const facts = JSON.parse(process.argv[2] ?? '') as ChildFacts
const plane = newControlPlane()
plane.lease += facts.runs
const saved = JSON.parse(readFileSync(facts.file, 'utf8')) as Record<'rows' | 'staged', [string, never][]>
const save = (): void =>
  writeFileSync(facts.file, JSON.stringify({ rows: [...plane.rows], staged: [...plane.staged] }))
for (const name of ['rows', 'staged'] as const) {
  const map = plane[name] as Map<string, unknown>
  for (const [key, value] of saved[name]) map.set(key, value)
  const set = map.set.bind(map)
  const remove = map.delete.bind(map)
  map.set = (key, value) => {
    set(key, value)
    save()
    return map
  }
  map.delete = (key) => {
    const was = remove(key)
    save()
    return was
  }
}

const parts = {
  plane,
  dataDir: facts.dataDir,
  privateKey: new Redacted(facts.privateKey),
  secret: Buffer.from(facts.secret, 'hex'),
}
const node = await testNode(facts.network, {}, parts)
const run = node.context()
const open = await node.vault.destination.open(run)
process.send?.('open')
for (let slice = 0; ; slice++) {
  for (const page of [0, 1]) await write(open, posts(40, facts.text, ((slice * 2 + page) * 40) % 400))
  await finish(node, open, run.leaseNumber, false)
}
