import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDevnet, type TestDevnet } from '../../support/devnet.js'
import { posts, sync, testNode, type TestNode } from '../../support/vault-node.js'

let devnet: TestDevnet
let node: TestNode

beforeAll(async () => {
  devnet = await testDevnet({ nodes: 2 })
  node = await testNode(devnet, { storageNodes: [devnet.storageNodes[0]!.url] })
})
afterAll(async () => {
  await node.close()
  await devnet.close()
})

interface Answer {
  readonly data: {
    readonly versionId: number
    readonly service: readonly { readonly id: string; readonly serviceEndpoint: readonly string[] }[]
  }
}

async function documentOf({ vault }: TestNode) {
  const answer = await fetch(`${devnet.didEndpoints[0]!}${vault.did}`)
  const { data } = (await answer.json()) as Answer
  const endpoints = data.service.find(({ id }) => id.endsWith('&type=database'))?.serviceEndpoint
  return { version: data.versionId, endpoints }
}

test('the DID is registered at the first use, with the configured storage nodes and nothing else', async () => {
  expect((await fetch(`${devnet.didEndpoints[0]!}${node.vault.did}`)).status).toBe(404)
  await sync(node, posts(1))
  expect(await documentOf(node)).toEqual({ version: 0, endpoints: [devnet.storageNodes[0]!.url] })
})

test('a restart with the same settings changes nothing, and a new storage node is put into the document and filled', async () => {
  const same = await node.restart()
  await sync(same, posts(1))
  await same.vault.close()
  expect(await documentOf(node)).toMatchObject({ version: 0 })

  const urls = devnet.storageNodes.map(({ url }) => url)
  const wider = await node.restart({ storageNodes: urls })
  // Verida's client refuses a second version within the second of the first.
  await expect
    .poll(
      async () => {
        await wider.vault.checkStorageNodes()
        return documentOf(wider)
      },
      { timeout: 30_000, interval: 500 },
    )
    .toEqual({ version: 1, endpoints: urls })
  const done = await sync(wider, posts(1))
  expect(done.proof.databases[0]?.nodes).toHaveLength(2)
  expect(done.receipts[0]?.body.notes).toContain(`made again at ${urls[1]!}`)
  await wider.vault.close()
}, 60_000)

test('a registry that is down does not stop a node that was registered before', async () => {
  const cut = await node.restart({ rpcUrl: 'http://127.0.0.1:9/' })
  expect(await sync(cut, posts(2))).toMatchObject({ written: 1 })
  await cut.vault.close()
})

test('the DID is known without any call', () => {
  expect(node.vault.did).toMatch(/^did:vda:testnet:0x[0-9a-f]{40}$/)
  expect(node.vault.signer.did).toBe(node.vault.did)
})
