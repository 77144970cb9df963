/** How capsules reach the Vault: inside the link, or by a one-time code that only the Vault that began can redeem. */
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Capsules } from '../credentials/capsule.js'
import { openValue, sealValue } from '../credentials/sealed-value.js'
import { NodeError } from '../errors.js'
import type { Did } from '../lib/did.js'
import { equalSecrets, sha256 } from '../lib/keyed-hash.js'
import { redeemCodes } from '../store/index.js'
import { linkTo } from './deep-link.js'
import type { ConnectPorts } from './ports.js'
import type { SignIn } from './sign-ins.js'

const CODE_MS = 10 * 60_000

const hashOf = (code: string): string => sha256(code).toString('hex')
const place = (codeHash: string): readonly string[] => ['redeem_codes', codeHash, 'payload']
const payload = z.object({ accessToken: z.string(), refreshToken: z.string() })

/** The address of the success page's button. */
export async function handOver(
  { store, ring, clock, deepLinkBase, publicUrl }: ConnectPorts,
  { provider, did, flow, challenge, redirect }: SignIn,
  { accessToken, refreshToken }: Capsules,
): Promise<string> {
  const base = redirect ?? deepLinkBase
  if (flow === 'link' || challenge === null) return linkTo(base, { provider, accessToken, refreshToken })
  const code = randomBytes(32).toString('base64url')
  const codeHash = hashOf(code)
  await redeemCodes.put(store.db, {
    codeHash,
    provider,
    did,
    challenge,
    payloadSealed: sealValue(ring, JSON.stringify({ accessToken, refreshToken }), place(codeHash)),
    expiresAtMs: clock.now() + CODE_MS,
  })
  return linkTo(base, { provider, code, node: new URL(publicUrl).origin })
}

export interface Redeem {
  /** Who signed the request. */
  readonly did: Did
  readonly code: string
  /** Of the challenge that was given at the start (RFC 7636 4.1). */
  readonly verifier: string
}

export interface Redeemed {
  readonly provider: string
  readonly accessToken: string
  readonly refreshToken: string
}

/**
 * Gives the capsules once. A wrong owner or verifier is counted; the fifth burns the code.
 * @throws NodeError FORBIDDEN: wrong owner or verifier; GONE: used, burnt, expired or never given out, all alike
 */
export async function redeemCode(ports: ConnectPorts, { did, code, verifier }: Redeem): Promise<Redeemed> {
  const { store, ring, clock, log } = ports
  const codeHash = hashOf(code)
  const challenge = sha256(verifier).toString('base64url')
  const row = await redeemCodes.redeem(
    store.db,
    codeHash,
    clock.now(),
    (kept) => kept.did === did && equalSecrets(kept.challenge, challenge),
  )
  if (typeof row === 'string') {
    log.warn('auth.refused', { what: 'redeem', why: row })
    throw new NodeError(row === 'refused' ? 'FORBIDDEN' : 'GONE')
  }
  const capsules = payload.parse(JSON.parse(openValue(ring, row.payloadSealed, place(codeHash))))
  return { provider: row.provider, ...capsules }
}
