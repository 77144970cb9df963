/** Who may sign for a DID, by the registry and the DID documents of a local network; what cannot be read is never taken for "nobody". */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Interface } from '@ethersproject/abi'
import sha3 from 'js-sha3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/lib/clock.js'
import { parseDid, type Did } from '../../../src/lib/did.js'
import { signOwnerJwt, verifyOwnerJwtSignature } from '../../../src/lib/owner-jwt.js'
import { Redacted } from '../../../src/lib/redacted.js'
import { createNetwork } from '../../../src/outbound/index.js'
import { createDidSigners } from '../../../src/vault/did-signers.js'
import { createIdentity, type NodeIdentity } from '../../../src/vault/identity.js'
import { testDevnet, type TestDevnet } from '../../support/devnet.js'
import { didDocument, postJson, registration, unknownAccount } from '../../support/devnet-account.js'
import { hasCode } from '../../support/sealers/node-error-code.js'

let devnet: TestDevnet
let identity: NodeIdentity
/** Documents that are served whatever is in them, by DID. */
const served = new Map<string, unknown>()
let endpoint: Server
let endpointUrl: string
const isDown = hasCode('RESOLVER_DOWN')
const didOf = ({ did }: { readonly did: string }): Did => parseDid(did, 'testnet')!
const clockAt = (time: { now: number }) => ({ now: () => time.now })

beforeAll(async () => {
  devnet = await testDevnet({ nodes: 2 })
  identity = createIdentity({
    network: 'testnet',
    rpcUrl: devnet.rpcUrl,
    privateKey: new Redacted('0x' + '44'.repeat(32)),
    contextName: 'Test: Signers',
    storageNodes: devnet.storageNodes.map(({ url }) => url),
    didEndpoints: devnet.didEndpoints,
    clock: systemClock,
  })
  await identity.ensureRegistered()
  endpoint = createServer((request, response) => {
    const data = served.get(
      decodeURIComponent(request.url ?? '')
        .split('/')
        .at(-1) ?? '',
    )
    response.statusCode = data === undefined ? 404 : 200
    response.end(JSON.stringify(data === undefined ? { status: 'fail' } : { status: 'success', data }))
  }).listen(0, '127.0.0.1')
  await once(endpoint, 'listening')
  endpointUrl = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/did/`
})
afterAll(async () => {
  endpoint.closeAllConnections()
  await new Promise((resolve) => endpoint.close(resolve))
  await devnet.close()
})

const signersOf = (did: Did, rpcUrl = devnet.rpcUrl) => createDidSigners({ rpcUrl, clock: systemClock })(did)
/** Enters a DID whose document is read from these addresses. */
async function register(
  account: ReturnType<typeof unknownAccount>,
  endpoints: readonly string[],
): Promise<void> {
  const params = [
    registration(
      account,
      endpoints.map((url) => `${url}${account.did}`),
    ),
  ]
  const { body } = await postJson(devnet.rpcUrl, { id: 1, method: 'eth_sendRawTransaction', params })
  expect(body).not.toHaveProperty('error')
}

describe('a registered DID', () => {
  it('is signed for by its own key and the signing keys of its contexts, and by no key for encryption', async () => {
    const signers = await signersOf(identity.did)
    expect(signers).toHaveLength(2)
    const request = {
      method: 'GET',
      url: 'http://node/x',
      audience: 'http://node',
      now: Date.now(),
      did: identity.did,
    }
    const byOwnKey = signOwnerJwt({ ...request, privateKey: Buffer.alloc(32, 0x44) })
    const byContext = signOwnerJwt({ ...request, privateKey: await identity.signingKey() })
    const byStranger = signOwnerJwt({ ...request, privateKey: Buffer.alloc(32, 0x45) })
    const accepted = (token: string) => signers?.map((signer) => verifyOwnerJwtSignature(token, signer))
    expect(accepted(byOwnKey)).toEqual([true, false])
    expect(accepted(byContext)).toEqual([false, true])
    expect(accepted(byStranger)).toEqual([false, false])
  })
  it('without a context is signed for by its own key alone', async () => {
    const account = unknownAccount(1)
    served.set(account.did, didDocument(account, devnet))
    await register(account, [endpointUrl])
    expect(await signersOf(didOf(account))).toEqual([account.did.slice(-42)])
  })
  it('is read from the next endpoint when one is down or has nothing', async () => {
    const account = unknownAccount(2)
    served.set(account.did, didDocument(account, devnet))
    await register(account, ['http://127.0.0.1:9/did/', `${endpointUrl}none/`, endpointUrl])
    expect(await signersOf(didOf(account))).toEqual([account.did.slice(-42)])
  })
})

/** A chain that answers every call so. */
async function withRpc(body: string, use: (url: string) => Promise<void>): Promise<void> {
  const rpc = createServer((_request, response) => void response.end(body)).listen(0, '127.0.0.1')
  await once(rpc, 'listening')
  try {
    await use(`http://127.0.0.1:${(rpc.address() as AddressInfo).port}/`)
  } finally {
    rpc.closeAllConnections()
    rpc.close()
  }
}

it('knows nobody for a DID that was never registered: its own address is all there is', async () => {
  expect(await signersOf(didOf(unknownAccount(3)))).toBeUndefined()
})

describe('a revoked DID', () => {
  // As chains name the error RevokedDID(): by its selector, or in words.
  it.each([
    `{"error":{"code":3,"message":"execution reverted","data":"0x${sha3.keccak256('RevokedDID()').slice(0, 8)}"}}`,
    '{"error":{"code":-32603,"message":"reverted with custom error \'RevokedDID()\'"}}',
  ])('is signed for by nobody, its own key neither: %s', async (body) => {
    await withRpc(body, async (url) => {
      expect(await signersOf(identity.did, url)).toEqual([])
    })
  })
})

describe('a DID whose control was handed on', () => {
  const account = unknownAccount(20)
  const controller = unknownAccount(21)
  const registry = new Interface(['function lookup(address) view returns (address, string[])'])
  const answer = async (signer: typeof account): Promise<readonly string[] | undefined> => {
    served.set(account.did, didDocument({ ...signer, did: account.did }, devnet))
    const encoded = registry.encodeFunctionResult('lookup', [
      controller.did.slice(-42),
      [`${endpointUrl}${account.did}`],
    ])
    let signers: readonly string[] | undefined
    await withRpc(JSON.stringify({ result: encoded }), async (url) => {
      signers = await signersOf(didOf(account), url)
    })
    return signers
  }
  it('is signed for by its controller, whose document it is', async () => {
    expect(await answer(controller)).toEqual([controller.did.slice(-42)])
  })
  it('is not signed for by its old key any more', async () => {
    await expect(answer(account)).rejects.toSatisfy(isDown)
  })
})

describe('a document that is not the DID’s own', () => {
  const refused: readonly (readonly [string, (account: ReturnType<typeof unknownAccount>) => unknown])[] = [
    ['signed by another key', (account) => didDocument({ ...unknownAccount(99), did: account.did }, devnet)],
    ['of another DID', (account) => didDocument({ ...account, did: unknownAccount(99).did }, devnet)],
    ['changed after signing', (account) => ({ ...didDocument(account, devnet), verificationMethod: [] })],
    ['without a proof', (account) => ({ ...didDocument(account, devnet), proof: undefined })],
    [
      'with a proof that is no signature',
      (account) => ({ ...didDocument(account, devnet), proof: { proofValue: '0x12' } }),
    ],
    ['that is nothing', () => null],
  ]
  it.each(refused.map(([what, make], at) => ({ what, make, seed: 10 + at })))(
    'is refused: $what',
    async ({ make, seed }) => {
      const account = unknownAccount(seed)
      served.set(account.did, make(account))
      await register(account, [endpointUrl])
      await expect(signersOf(didOf(account))).rejects.toSatisfy(isDown)
    },
  )
})

describe('a resolver that is down', () => {
  it('is an error, never a DID that nobody knows', async () => {
    await expect(signersOf(identity.did, 'http://127.0.0.1:9/')).rejects.toSatisfy(isDown)
  })
  it.each<[string, string]>([
    ['answers no JSON', '<html>'],
    ['answers nothing', 'null'],
    ['answers an error that is no revert', '{"error":{"code":-32000,"message":"busy"}}'],
    ['answers a revert without its reason', '{"error":{"code":3,"message":"execution reverted"}}'],
    ['answers an error without a text', '{"error":{}}'],
    ['answers no result', '{}'],
    ['answers what is no result of the contract', '{"result":"0x"}'],
  ])('or %s', async (_what, body) => {
    await withRpc(body, async (url) => {
      await expect(signersOf(identity.did, url)).rejects.toSatisfy(isDown)
    })
  })
  it('or has no registry for the network of the DID', async () => {
    const did = parseDid(`did:vda:polpos:${identity.did.slice(-42)}`, 'testnet')!
    await expect(signersOf(did)).rejects.toSatisfy(isDown)
  })
})

describe('addresses that a stranger entered', () => {
  it('are asked only through the connections that are meant for them', async () => {
    const account = unknownAccount(32)
    served.set(account.did, didDocument(account, devnet))
    await register(account, [endpointUrl])
    const network = createNetwork()
    const ask = (reach: 'public' | 'operator') =>
      createDidSigners({
        rpcUrl: devnet.rpcUrl,
        clock: systemClock,
        dispatcherFor: () => network.dispatcher(reach),
      })(didOf(account))
    await expect(ask('public')).rejects.toSatisfy(isDown)
    expect(await ask('operator')).toEqual([account.did.slice(-42)])
    await network.close()
  })
  it('are asked eight at most', async () => {
    const account = unknownAccount(33)
    served.set(account.did, didDocument(account, devnet))
    const nowhere = Array.from({ length: 8 }, (_, at) => `${endpointUrl}nowhere-${at}/x`)
    await register(account, [...nowhere, endpointUrl])
    await expect(signersOf(didOf(account))).rejects.toSatisfy(isDown)
  })
})

describe('the cache', () => {
  it('answers for five minutes, and then asks again', async () => {
    const account = unknownAccount(30)
    served.set(account.did, didDocument(account, devnet))
    await register(account, [endpointUrl])
    const time = { now: 1_000_000 }
    const signers = createDidSigners({ rpcUrl: devnet.rpcUrl, clock: clockAt(time) })
    const first = await signers(didOf(account))
    served.delete(account.did)
    time.now += 5 * 60_000 - 1
    expect(await signers(didOf(account))).toEqual(first)
    time.now += 1
    await expect(signers(didOf(account))).rejects.toSatisfy(isDown)
  })
  it('keeps no "unknown" and no failure', async () => {
    const signers = createDidSigners({ rpcUrl: devnet.rpcUrl, clock: systemClock })
    const account = unknownAccount(31)
    expect(await signers(didOf(account))).toBeUndefined()
    await register(account, [endpointUrl])
    await expect(signers(didOf(account))).rejects.toSatisfy(isDown)
    served.set(account.did, didDocument(account, devnet))
    expect(await signers(didOf(account))).toEqual([account.did.slice(-42)])
  })
})
