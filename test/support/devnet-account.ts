/** DIDs for tests of the local network: made, published and registered without Verida's client, and signed in at its nodes. */
import { Interface } from '@ethersproject/abi'
import { contextHash, signVerida } from '../../src/devnet/verida-signature.js'
import type { Devnet, DevnetNode } from '../../src/devnet/index.js'
import { addressOf, publicKeyOf } from '../../src/lib/secp256k1.js'

export interface Account {
  /** Lower case. */
  readonly did: string
  readonly contextName: string
  sign(text: string): string
}

export interface SignedIn {
  readonly refreshToken: string
  readonly accessToken: string
  readonly host: string
}

type Endpoints = Pick<Devnet, 'rpcUrl' | 'didEndpoints'> & {
  readonly storageNodes: readonly Pick<DevnetNode, 'url'>[]
}

/** A DID that nobody knows yet. `seed` is 0 to 255. */
export function unknownAccount(
  seed: number,
  contextName = 'Test: Context',
): Account & { readonly key: Buffer } {
  const key = Buffer.alloc(32, 1)
  key[31] = seed
  const did = `did:vda:testnet:${addressOf(publicKeyOf(key))}`
  return { did, contextName, key, sign: (text) => signVerida(text, key) }
}

/** A DID with a document at every endpoint, entered in the registry. */
export async function registeredAccount(
  devnet: Endpoints,
  seed: number,
  contextName?: string,
): Promise<Account> {
  const account = unknownAccount(seed, contextName)
  const document = didDocument(account, devnet)
  for (const endpoint of devnet.didEndpoints) {
    const published = await postJson(`${endpoint}${account.did}`, { document })
    if (published.status !== 200) throw new Error(JSON.stringify(published.body))
  }
  const registered = await postJson(devnet.rpcUrl, {
    id: 1,
    method: 'eth_sendRawTransaction',
    params: [registration(account, devnet.didEndpoints)],
  })
  if ('error' in registered.body) throw new Error(JSON.stringify(registered.body))
  return account
}

export function didDocument(
  { did, contextName, key }: ReturnType<typeof unknownAccount>,
  { storageNodes }: Pick<Endpoints, 'storageNodes'>,
  changes: { readonly versionId?: number; readonly created?: string } = {},
) {
  const now = `${new Date().toISOString().slice(0, 19)}Z`
  const unsigned = {
    id: did,
    controller: did,
    versionId: 0,
    created: now,
    updated: now,
    verificationMethod: [{ id: did, publicKeyHex: `0x${Buffer.from(publicKeyOf(key)).toString('hex')}` }],
    service: [
      {
        id: `${did}?context=0x${contextHash(did, contextName)}&type=database`,
        type: 'VeridaDatabase',
        serviceEndpoint: storageNodes.map(({ url }) => url),
      },
    ],
    ...changes,
  }
  return { ...unsigned, proof: { proofValue: signVerida(unsigned, key) } }
}

/** A transaction as it goes over the wire, without gas or signature: the local chain needs neither. */
export function registration(
  { did, key }: ReturnType<typeof unknownAccount>,
  endpoints: readonly string[],
): string {
  const address = did.slice(-42)
  const said = Buffer.concat([
    Buffer.from(address.slice(2), 'hex'),
    Buffer.from(['', ...endpoints, ''].join('/')),
    Buffer.alloc(32),
  ])
  const contract = new Interface(['function register(address, string[], bytes)'])
  const data = contract.encodeFunctionData('register', [address, endpoints, signVerida(said, key)])
  const to = Buffer.alloc(20, 7)
  const fields = [Buffer.alloc(0), Buffer.alloc(0), Buffer.alloc(0), to, Buffer.alloc(0)]
  const item = Buffer.concat([...fields, Buffer.from(data.slice(2), 'hex')].map((bytes) => rlp(bytes, 0x80)))
  return `0x${rlp(item, 0xc0).toString('hex')}`
}

/** Signs in at one node. @throws with what the node answered */
export async function signIn(node: Pick<DevnetNode, 'url'>, account: Account): Promise<SignedIn> {
  const { did, contextName } = account
  const asked = await postJson(`${node.url}auth/generateAuthJwt`, { did, contextName })
  const { authJwt, authRequestId } = asked.body['authJwt'] as { authJwt: string; authRequestId: string }
  const signature = account.sign(consentText(account, authRequestId))
  const answer = await postJson(`${node.url}auth/authenticate`, {
    authJwt,
    did,
    contextName,
    signature,
    deviceId: 'test',
  })
  if (answer.status !== 200) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body as unknown as SignedIn
}

export const consentText = ({ did, contextName }: Account, id: string): string =>
  `Authenticate this application context: "${contextName}"?\n\n${did}\n${id}`

export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

/** What is not JSON comes back as `{text}`. */
export async function postJson(url: string, body: object, token?: string): Promise<Answer> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const response = await fetch(url, {
    method: 'POST',
    // No connection is kept: a node that was restarted has ended it.
    headers: { 'content-type': 'application/json', connection: 'close', ...authorization },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  const json = /^[[{]/.test(text) ? (JSON.parse(text) as Record<string, unknown>) : { text }
  return { status: response.status, body: json }
}

/** Recursive Length Prefix: of bytes with 0x80, of a list's items with 0xc0. */
function rlp(bytes: Buffer, offset: 0x80 | 0xc0): Buffer {
  if (bytes.length < 56) return Buffer.concat([Buffer.of(offset + bytes.length), bytes])
  const length = Buffer.from(bytes.length.toString(16).padStart(4, '0'), 'hex')
  return Buffer.concat([Buffer.of(offset + 55 + length.length), length, bytes])
}
