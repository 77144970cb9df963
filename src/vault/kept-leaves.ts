/** Leaves that outlive their database (protocol.md 2.6): sealed under the node secret alone, since the owner's key may have changed. */
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { z } from 'zod'
import { openBytes, sealBytes } from '../lib/aead.js'
import { hkdf, type Bytes } from '../lib/keyed-hash.js'
import type { DatabaseOwner } from './keys.js'
import { parseRev } from './rev.js'
import { schemaName } from './schema-name.js'

export interface KeptLeaves {
  /** The winning revision of each document, deleted or not. */
  readonly revs: ReadonlyMap<string, string>
  /** Generation of documents that are not among them, when some were lost. */
  readonly generationFloor?: number
}

export const NO_LEAVES: KeptLeaves = { revs: new Map() }

const form = z.strictObject({
  revs: z.array(z.tuple([z.string(), z.string()])),
  generationFloor: z.number().optional(),
})

/** `nodeSecret`: of the version of the database whose leaves they are. */
export function leavesKey(nodeSecret: Bytes, of: DatabaseOwner): Buffer {
  const info = ['cn/1/leaves', of.owner, of.provider, of.accountId, schemaName(of.schema)]
  return hkdf(nodeSecret, new Uint8Array(0), info)
}

export function sealLeaves(key: Bytes, database: string, kept: KeptLeaves): string {
  const { generationFloor } = kept
  const text = JSON.stringify({
    revs: [...kept.revs],
    ...(generationFloor === undefined ? {} : { generationFloor }),
  })
  return sealBytes(key, deflateRawSync(text), [database]).toString('base64url')
}

/** `undefined` when they do not open: they are lost then. */
export function openLeaves(key: Bytes, database: string, sealed: string): KeptLeaves | undefined {
  const packed = openBytes(key, Buffer.from(sealed, 'base64url'), [database])
  if (packed === undefined) return undefined
  const { revs, generationFloor } = form.parse(JSON.parse(inflateRawSync(packed).toString('utf8')))
  return { revs: new Map(revs), ...(generationFloor === undefined ? {} : { generationFloor }) }
}

/** Both together; of a document in both, the higher revision. */
export function mergeLeaves(a: KeptLeaves, b: KeptLeaves): KeptLeaves {
  const revs = new Map(a.revs)
  for (const [id, rev] of b.revs) {
    const known = revs.get(id)
    if (known === undefined || isHigher(rev, known)) revs.set(id, rev)
  }
  const floor = Math.max(a.generationFloor ?? 0, b.generationFloor ?? 0)
  return { revs, ...(floor === 0 ? {} : { generationFloor: floor }) }
}

function isHigher(rev: string, than: string): boolean {
  const a = parseRev(rev)
  const b = parseRev(than)
  return a.generation === b.generation ? a.hash > b.hash : a.generation > b.generation
}
