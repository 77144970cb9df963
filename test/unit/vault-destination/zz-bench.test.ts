import { test } from 'vitest'
import { testDevnet } from '../../support/devnet.js'
import { posts, testNode, write, finish, post } from '../../support/vault-node.js'
import { Agent, request } from 'undici'
test('bench', async () => {
  for (const nodes of [1, 2]) {
  const devnet = await testDevnet({ nodes })
  const node = await testNode(devnet)
  const N = 10_000
  const body = 'x'.repeat(600)
  // raw push
  const { couchUrl, admin } = devnet.storageNodes[0]!
  const authorization = `Basic ${Buffer.from(`${admin.name}:${admin.password}`).toString('base64')}`
  const headers = { authorization, 'content-type': 'application/json' }
  for (let round = 0; round < 3; round++) {
  await request(`${couchUrl}/raw${round}`, { method: 'PUT', headers })
  const agent = new Agent({ connections: 4 })
  const bodies: Buffer[] = []
  for (let b = 0; b < N / 500; b++) bodies.push(Buffer.from(JSON.stringify({ new_edits: false, docs: Array.from({ length: 500 }, (_, i) => ({ _id: (b * 500 + i).toString(16).padStart(32, 'a'), _rev: '1-' + 'b'.repeat(32), _revisions: { start: 1, ids: ['b'.repeat(32)] }, payload: 'p'.repeat(2000) })) })))
  let t = performance.now()
  const q = [...bodies]
  await Promise.all([0, 1, 2].map(async () => { for (let x = q.shift(); x; x = q.shift()) { const a = await request(`${couchUrl}/raw${round}/_bulk_docs`, { method: 'POST', headers, body: x, dispatcher: agent }); await a.body.text() } }))
  const raw = performance.now() - t
  const run = node.context({ connectionId: `c${nodes}${round}`, accountId: `a${round}` })
  t = performance.now()
  const open = await node.vault.destination.open(run)
  let first = 0
  for (let p = 0; p < N / 500; p++) { await write(open, posts(500, body, p * 500)); if (p % 10 === 9) { await finish(node, open, run.leaseNumber, p === N / 500 - 1) } ; first ||= performance.now() - t }
  const mine = performance.now() - t
  await open.close()
  const cpu0 = process.cpuUsage()
  console.log(nodes, 'raw', raw | 0, 'mine', mine | 0, 'ratio', (raw / mine).toFixed(2), 'firstpage', first | 0, 'rss', process.memoryUsage().rss >> 20)
  }
  await node.close(); await devnet.close()
  }
}, 200_000)
