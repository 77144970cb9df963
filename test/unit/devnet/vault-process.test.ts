/** The Vault's process: its own folder, nothing from ours, and it never outlives its parent. Needs no network. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openVault, type VaultApp } from '../../../src/devnet/vault-app/index.js'
import { decodeOwnerJwt, verifyOwnerJwtSignature } from '../../../src/lib/owner-jwt.js'

// The address of the key 1.
const ADDRESS = '0x7e5f4552091a69125d5dfcb7b8c2659029395bdf'
const unreachable = {
  privateKey: `0x${'00'.repeat(31)}01`,
  network: 'testnet' as const,
  rpcUrl: 'http://127.0.0.1:9/',
  storageNodes: ['http://127.0.0.1:9'],
  didEndpoints: ['http://127.0.0.1:9/did'],
  schemaPaths: {},
}
let folder: string
let vault: VaultApp

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vault-'))
  vault = await openVault({ ...unreachable, folder })
})
afterAll(async () => {
  await vault.close()
  await rm(folder, { recursive: true })
})

describe('a Vault without a network', () => {
  it('knows its DID', async () => {
    expect((await vault.did()).toLowerCase()).toBe(`did:vda:testnet:${ADDRESS}`)
  })
  it('signs requests with its own key', async () => {
    const request = { method: 'POST', url: 'http://node/syncStart/x', body: '{}', audience: 'http://node' }
    const token = await vault.signedRequest(request)
    expect(verifyOwnerJwtSignature(token, ADDRESS)).toBe(true)
    expect(decodeOwnerJwt(token).claims).toMatchObject({
      htm: 'POST',
      htu: 'http://node/syncStart/x',
      aud: 'http://node',
    })
  })
  it('hands errors back', async () => {
    const schema = 'https://common.schemas.verida.io/social/post/v0.1.0/schema.json'
    await expect(vault.edit({ schema, id: 'x', changes: {} })).rejects.toThrow(
      `nothing was pulled for ${schema} yet`,
    )
  })
})

it('ends when asked, and then refuses every request with what it knows', async () => {
  const other = await openVault({ ...unreachable, folder })
  await other.close()
  await expect(other.did()).rejects.toThrow("the Vault's process ended")
  await other.close()
})

it('refuses a key that is none, and leaves no process behind', async () => {
  await expect(openVault({ ...unreachable, folder, privateKey: 'x' })).rejects.toThrow()
})

it('refuses a folder that is not there', async () => {
  await expect(openVault({ ...unreachable, folder: join(folder, 'none') })).rejects.toThrow(
    "the Vault's process ended",
  )
})

it('ends when its parent is killed', async () => {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const file = fileURLToPath(new URL('../../../src/devnet/vault-app/child.ts', import.meta.url))
  const script = `import { fork } from 'node:child_process'
    const child = fork(${JSON.stringify(file)}, [], { execArgv: ['--import', ${JSON.stringify(loader)}] })
    child.on('message', () => process.send(child.pid))
    child.send({ id: 1, method: 'did', input: null })`
  const parent = fork('data:,', [], {
    execPath: process.execPath,
    execArgv: ['--input-type=module', '--eval', script],
    cwd: folder,
  })
  const [pid] = (await once(parent, 'message')) as [number]
  expect(isAlive(pid)).toBe(true)
  parent.kill('SIGKILL')
  await expect.poll(() => isAlive(pid), { timeout: 15_000 }).toBe(false)
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
