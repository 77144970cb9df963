/** Checks receipts as their owner can, offline: hash, signature of the node's DID, and that each follows the one before it. */
import sha3 from 'js-sha3'
import { parseDid, didAddress } from '../lib/did.js'
import { recoverAddress } from '../lib/secp256k1.js'
import { FIRST_PREVIOUS, receiptHash, type Receipt } from './receipt.js'

/** What the owner knows besides the receipts. */
export interface OwnersKnowledge {
  /** The node's DID, as the sync's answer named it. Default: whoever signed the first receipt. */
  readonly did?: string
  /** By schema URI: what was recomputed from the pulled database. */
  readonly pulled?: Readonly<Record<string, { readonly stateRoot: string; readonly pulled: number }>>
}

/** Everything that is wrong, in words; nothing when all is well. Receipts of several databases may be mixed. */
export function checkReceipts(receipts: readonly Receipt[], known: OwnersKnowledge = {}): readonly string[] {
  if (receipts.length === 0) return ['there is no receipt']
  const signer = known.did ?? receipts[0]?.body.signer ?? ''
  const faults = receipts.flatMap((receipt) => faultsOf(receipt, signer))
  const databases = new Set(receipts.map(({ body }) => body.database))
  for (const database of databases) {
    const chain = receipts.filter(({ body }) => body.database === database)
    chain.sort((a, b) => a.body.sequence - b.body.sequence)
    faults.push(...chainFaults(chain))
  }
  for (const [schema, pulled] of Object.entries(known.pulled ?? {}))
    faults.push(...stateFaults(receipts, schema, pulled))
  return faults
}

function faultsOf({ body, hash, signature }: Receipt, signer: string): string[] {
  const name = nameOf(body)
  if (receiptHash(body) !== hash) return [`${name}: the hash is not that of its body`]
  if (body.signer.toLowerCase() !== signer.toLowerCase()) return [`${name}: signed by another node`]
  const did = parseDid(body.signer, '')
  const bytes = Buffer.from(signature.replace(/^0x/, ''), 'hex')
  const digest = Buffer.from(sha3.keccak256.arrayBuffer(Buffer.from(hash, 'utf8')))
  const recovery = (bytes[64] ?? 0) - 27
  const address = bytes.length === 65 ? recoverAddress(digest, bytes.subarray(0, 64), recovery) : undefined
  return did !== undefined && address === didAddress(did)
    ? []
    : [`${name}: the signature is not by the node's DID`]
}

function chainFaults(chain: readonly Receipt[]): string[] {
  return chain.flatMap(({ body }, at) => {
    const before = chain[at - 1]
    const first = body.sequence === 1 ? FIRST_PREVIOUS : body.previous
    const expected = before?.body.sequence === body.sequence - 1 ? before.hash : first
    if (before?.body.sequence === body.sequence) return [`${nameOf(body)}: there are two with this number`]
    return body.previous === expected ? [] : [`${nameOf(body)}: does not follow the one before it`]
  })
}

function stateFaults(
  receipts: readonly Receipt[],
  schema: string,
  pulled: { readonly stateRoot: string; readonly pulled: number },
): string[] {
  const own = receipts.filter(({ body }) => body.schema === schema)
  const last = own.sort((a, b) => a.body.sequence - b.body.sequence).at(-1)?.body
  if (last === undefined) return [`${schema}: there is no receipt of it`]
  if (last.state === undefined) return [`${nameOf(last)}: states nothing of the whole database`]
  const { root, liveCount } = last.state
  return root === pulled.stateRoot && liveCount === pulled.pulled
    ? []
    : [`${nameOf(last)}: the whole database is not what was pulled (${liveCount} against ${pulled.pulled})`]
}

const nameOf = ({ database, sequence }: Receipt['body']): string => `receipt ${sequence} of ${database}`
