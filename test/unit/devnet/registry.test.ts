/** The DID registry and the DID documents: only a DID's own key may enter, change or remove what is said about it. */
import { Interface } from '@ethersproject/abi'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signVerida } from '../../../src/devnet/index.js'
import { testDevnet, type TestDevnet } from '../../support/devnet.js'
import {
  didDocument,
  postJson,
  registeredAccount,
  registration,
  unknownAccount,
} from '../../support/devnet-account.js'

const contract = new Interface([
  'function lookup(address) view returns (address, string[])',
  'function nonce(address) view returns (uint256)',
  'error InvalidSignature()',
  'error UnregisteredDID()',
])
let devnet: TestDevnet
let endpoint: string

beforeAll(async () => {
  devnet = await testDevnet()
  endpoint = devnet.didEndpoints[0] ?? ''
})
afterAll(() => devnet.close())

const rpc = async (method: string, ...params: unknown[]) =>
  (await postJson(devnet.rpcUrl, { jsonrpc: '2.0', id: 7, method, params })).body
const call = async (name: string, did: string) =>
  rpc('eth_call', { data: contract.encodeFunctionData(name, [did.slice(-42)]) }, 'latest')
const endpointsOf = async (did: string) =>
  contract.decodeFunctionResult('lookup', String((await call('lookup', did))['result']))[1] as unknown

describe('the registry', () => {
  it('enters a DID that signed, and counts its entries', async () => {
    const { did } = await registeredAccount(devnet, 1)
    expect(await endpointsOf(did)).toEqual(devnet.didEndpoints)
    const nonce = String((await call('nonce', did))['result'])
    expect(Number(nonce)).toBe(1)
  })
  it('does not know a DID that nobody entered', async () => {
    const { error } = await call('lookup', unknownAccount(2).did)
    expect(error).toMatchObject({ code: 3, data: contract.getSighash('UnregisteredDID') })
  })
  it("refuses another key's signature, and a signature that was used before", async () => {
    const mine = unknownAccount(3)
    const forged = registration({ ...mine, key: unknownAccount(4).key }, devnet.didEndpoints)
    const invalid = { code: 3, data: contract.getSighash('InvalidSignature') }
    expect((await rpc('eth_sendRawTransaction', forged))['error']).toMatchObject(invalid)
    const good = registration(mine, devnet.didEndpoints)
    expect((await rpc('eth_sendRawTransaction', good))['result']).toMatch(/^0x[0-9a-f]{64}$/)
    expect((await rpc('eth_sendRawTransaction', good))['error']).toMatchObject(invalid)
  })
  it('gives a receipt for what it took', async () => {
    const hash = (await rpc('eth_sendRawTransaction', registration(unknownAccount(5), [endpoint])))['result']
    expect((await rpc('eth_getTransactionReceipt', hash))['result']).toMatchObject({ status: '0x1' })
  })
  it('answers batches, and refuses methods that it does not have', async () => {
    const batch = await postJson(devnet.rpcUrl, [
      { id: 1, method: 'eth_chainId' },
      { id: 2, method: 'eth_sign' },
    ])
    expect(batch.body).toMatchObject([
      { id: 1, result: '0x13881' },
      { id: 2, error: { code: -32602 } },
    ])
  })
  it('is away while the hub is stopped, and knows everything afterwards', async () => {
    await devnet.hub.stop()
    await expect(rpc('eth_chainId')).rejects.toThrow()
    await devnet.hub.start()
    expect(await endpointsOf(unknownAccount(1).did)).toEqual(devnet.didEndpoints)
  })
})

describe('DID documents', () => {
  const account = unknownAccount(10)
  const at = () => `${endpoint}${account.did}`
  const put = (body: object, method = 'PUT', headers = {}) =>
    fetch(at(), {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    }).then((response) => response.status)
  const signed = (changes: object) => ({ document: didDocument(account, devnet, changes) })

  it('are taken from their DID only, at version 0 first', async () => {
    const document = didDocument(account, devnet)
    const forged = { ...document, proof: { proofValue: signVerida({}, account.key) } }
    expect((await postJson(at(), { document: forged })).body['message']).toMatch('Invalid proof')
    const elsewhere = { document: didDocument(unknownAccount(11), devnet) }
    expect((await postJson(at(), elsewhere)).status).toBe(400)
    expect((await postJson(at(), signed({ versionId: 1 }))).status).toBe(400)
    expect((await postJson(at(), { document })).status).toBe(200)
    expect((await postJson(at(), { document })).status).toBe(400)
  })
  it('change one version at a time, and keep the older ones', async () => {
    const known = (await (await fetch(at())).json()) as { data: { created: string } }
    const { created } = known.data
    expect(await put(signed({ versionId: 2, created }))).toBe(400)
    expect(await put(signed({ versionId: 1, created: '2020-01-01T00:00:00Z' }))).toBe(400)
    expect(await put(signed({ versionId: 1, created }))).toBe(200)
    const all = (await (await fetch(`${at()}?allVersions=true`)).json()) as { data: { versions: unknown[] } }
    expect(all.data.versions).toHaveLength(2)
  })
  it('go when their DID says so', async () => {
    const text = `Delete DID Document ${account.did} at ${Math.round(Date.now() / 60_000)}`
    expect(await put({}, 'DELETE', { signature: signVerida(text, unknownAccount(11).key) })).toBe(400)
    expect(await put({}, 'DELETE', { signature: account.sign(text) })).toBe(200)
    expect((await fetch(at())).status).toBe(404)
  })
})
