/** What a grant's two capsules carry, each a JSON text. Names of members are short, since capsules travel in URLs. */
import { z } from 'zod'
import { Redacted, reveal } from '../lib/redacted.js'
import type { Tokens } from '../provider/auth.js'
import { authKind, fieldRecord, fromFieldRecord, toFieldRecord } from './field-record.js'

/** The account at the provider, as it is shown to people. */
export interface GrantAccount {
  readonly id: string
  readonly name: string
  readonly username?: string
  readonly avatarUrl?: string
}

export interface GrantContent {
  /** 32 bytes, equal in all generations of a grant: opens the tokens that the node keeps (protocol.md 4.2, 4.3). */
  readonly grantSecret: Uint8Array
  /** Counts the refreshes of the grant, from 1. */
  readonly generation: number
  /** Missing in a reference. */
  readonly tokens?: Tokens
  /** Missing in a reference. */
  readonly account?: GrantAccount
}

const count = z.number().int().min(1)
const account = z
  .object({ i: z.string(), n: z.string(), u: z.string().optional(), p: z.string().optional() })
  .optional()
const access = z.object({
  s: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  g: count,
  // Empty where nothing but fields opens the account.
  t: z.string().optional(),
  e: z.number().optional(),
  c: z.array(z.string()).optional(),
  a: account,
  // Missing in capsules of OAuth 2.0 without fields, and in those of older versions.
  k: authKind.optional(),
  f: fieldRecord.optional(),
})
const refresh = z.object({ g: count, t: z.string().min(1).optional() })

export function encodeAccess({ grantSecret, generation, tokens, account: shown }: GrantContent): string {
  return JSON.stringify({
    s: Buffer.from(grantSecret).toString('base64url'),
    g: generation,
    t: tokens && reveal(tokens.accessToken),
    e: tokens?.expiresAtMs,
    c: tokens?.scopes && [...tokens.scopes],
    a: shown && { i: shown.id, n: shown.name, u: shown.username, p: shown.avatarUrl },
    k: tokens?.kind === 'oauth2' ? undefined : tokens?.kind,
    f: tokens?.fields && toFieldRecord(tokens.fields),
  } satisfies z.input<typeof access>)
}

export function encodeRefresh({ generation, tokens }: GrantContent): string {
  const token = tokens?.refreshToken
  return JSON.stringify({ g: generation, t: token && reveal(token) } satisfies z.input<typeof refresh>)
}

/** @throws when a text is not what `encodeAccess` and `encodeRefresh` write */
export function decodeContent(accessText: string, refreshText: string): GrantContent {
  const inAccess = access.parse(JSON.parse(accessText))
  const inRefresh = refresh.parse(JSON.parse(refreshText))
  const shown = inAccess.a
  return {
    grantSecret: Buffer.from(inAccess.s, 'base64url'),
    // Of two generations the older counts: the caller then looks for newer tokens that the node kept.
    generation: Math.min(inAccess.g, inRefresh.g),
    ...(inAccess.t === undefined ? {} : { tokens: readTokens(inAccess.t, inRefresh.t, inAccess) }),
    ...(shown === undefined ? {} : { account: readAccount(shown) }),
  }
}

function readTokens(
  accessToken: string,
  refreshToken: string | undefined,
  facts: z.output<typeof access>,
): Tokens {
  return {
    accessToken: new Redacted(accessToken),
    ...(refreshToken === undefined ? {} : { refreshToken: new Redacted(refreshToken) }),
    ...(facts.e === undefined ? {} : { expiresAtMs: facts.e }),
    ...(facts.c === undefined ? {} : { scopes: facts.c }),
    ...(facts.k === undefined ? {} : { kind: facts.k }),
    ...(facts.f === undefined ? {} : { fields: fromFieldRecord(facts.f) }),
  }
}

function readAccount({ i, n, u, p }: NonNullable<z.output<typeof account>>): GrantAccount {
  return {
    id: i,
    name: n,
    ...(u === undefined ? {} : { username: u }),
    ...(p === undefined ? {} : { avatarUrl: p }),
  }
}
