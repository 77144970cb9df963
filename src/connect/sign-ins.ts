/** Sign-ins under way: kept in the store, so that they survive a restart and any process can finish them; used once. */
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { authKind, fieldRecord, fromFieldRecord, toFieldRecord } from '../credentials/field-record.js'
import type { KeyRing } from '../credentials/key-ring.js'
import { openValue, sealValue } from '../credentials/sealed-value.js'
import { NodeError } from '../errors.js'
import type { Did } from '../lib/did.js'
import { sha256 } from '../lib/keyed-hash.js'
import type { AuthKind, FieldValues } from '../provider/index.js'
import { oauthStates, type OauthState } from '../store/index.js'
import { SIGN_IN_MS } from './browser-cookie.js'
import type { ConnectPorts } from './ports.js'

/** What every surface's sign-in may remember. */
export interface SignInDetails {
  /** `form`: the person has still to fill in a form; `out`: they are at the provider. */
  readonly step: 'form' | 'out'
  readonly kind: AuthKind
  /** What was entered before the person was sent out. */
  readonly fields: FieldValues
  /** Asked for; in the order of the declaration. */
  readonly scopes: readonly string[]
  /** Where the provider sends the person back to, when that is an application's own page. */
  readonly redirectUri?: string | undefined
}

/** What is known of a sign-in when its person comes back. */
export interface SignIn extends SignInDetails {
  readonly provider: string
  readonly did: Did
  /** Of the Vault's key; `null` when none was given. */
  readonly keyFingerprint: string | null
  /** Where the result goes instead of the Vault's deep link; checked at the start. */
  readonly redirect: string | null
  readonly flow: 'link' | 'code'
  /** S256 challenge of the Vault, with flow `code`. */
  readonly challenge: string | null
}

/** A sign-in that was taken out, with the PKCE verifier toward the provider. */
export type Taken<S> = S & { readonly verifier: string | undefined }

/** What comes back from the provider beside the code. */
export interface Return {
  /** The provider whose address was called. */
  readonly provider: string
  readonly state: string | undefined
  /** The browser's secret. */
  readonly browser: string | undefined
  /** Default: `out`. A state of the other step is spent and unknown. */
  readonly step?: SignInDetails['step']
}

export interface SignIns<S> {
  /** Gives the state: 256 random bits, of which only a hash is kept. */
  begin(signIn: S, browser: string, verifier: string | undefined): Promise<string>
  /**
   * Takes a sign-in out: the second caller gets none.
   * @throws NodeError STATE_UNKNOWN (never begun here, used, another browser's, provider's or surface's), STATE_EXPIRED
   */
  take(back: Return): Promise<Taken<S>>
}

/** A sign-in as its row holds it. */
export type SignInColumns = Pick<
  OauthState,
  'provider' | 'did' | 'keyFingerprint' | 'redirect' | 'flow' | 'challenge'
>

/** How one surface's sign-ins are written into rows; `read` gives none for another surface's. */
export interface SignInForm<S extends SignInDetails> {
  write(signIn: S): SignInColumns
  read(columns: SignInColumns): Omit<S, keyof SignInDetails> | undefined
}

export type SignInPorts = Pick<ConnectPorts, 'store' | 'ring' | 'clock'>

const hashOf = (secret: string): string => sha256(secret).toString('hex')
const place = (handleHash: string, column: 'verifier' | 'details'): readonly string[] => [
  'oauth_states',
  handleHash,
  column,
]

const detailsForm = z.strictObject({
  step: z.enum(['form', 'out']),
  kind: authKind,
  fields: fieldRecord,
  scopes: z.array(z.string()),
  redirectUri: z.string().optional(),
})

function sealDetails(
  ring: KeyRing,
  { step, kind, fields, scopes, redirectUri }: SignInDetails,
  handleHash: string,
): string {
  const record = { step, kind, fields: toFieldRecord(fields), scopes, redirectUri }
  return sealValue(ring, JSON.stringify(record), place(handleHash, 'details'))
}

function openDetails(ring: KeyRing, sealed: string, handleHash: string): SignInDetails {
  const text = openValue(ring, sealed, place(handleHash, 'details'))
  const { fields, ...details } = detailsForm.parse(JSON.parse(text))
  return { ...details, fields: fromFieldRecord(fields) }
}

const isDid = (owner: string): owner is Did => owner.startsWith('did:')

const vaultForm: SignInForm<SignIn> = {
  write: ({ provider, did, keyFingerprint, redirect, flow, challenge }) => ({
    provider,
    did,
    keyFingerprint,
    redirect,
    flow,
    challenge,
  }),
  read: ({ provider, did, keyFingerprint, redirect, flow, challenge }) =>
    isDid(did) ? { provider, did, keyFingerprint, redirect, flow, challenge } : undefined,
}

/** Those of Vaults. */
export const signInsIn = (ports: SignInPorts): SignIns<SignIn> => keptSignIns(ports, vaultForm)

export function keptSignIns<S extends SignInDetails>(
  { store, ring, clock }: SignInPorts,
  form: SignInForm<S>,
): SignIns<S> {
  return {
    async begin(signIn, browser, verifier) {
      const state = randomBytes(32).toString('base64url')
      const handleHash = hashOf(state)
      await oauthStates.put(store.db, {
        ...form.write(signIn),
        handleHash,
        cookieHash: hashOf(browser),
        verifierSealed:
          verifier === undefined ? null : sealValue(ring, verifier, place(handleHash, 'verifier')),
        detailsSealed: sealDetails(ring, signIn, handleHash),
        expiresAtMs: clock.now() + SIGN_IN_MS,
      })
      return state
    },
    async take({ provider, state, browser, step = 'out' }) {
      if (state === undefined || browser === undefined) throw new NodeError('STATE_UNKNOWN')
      const handleHash = hashOf(state)
      const row = await oauthStates.take(store.db, handleHash, hashOf(browser), clock.now())
      if (row === 'unknown') throw new NodeError('STATE_UNKNOWN')
      if (row === 'expired') throw new NodeError('STATE_EXPIRED')
      const known = form.read(row)
      const { verifierSealed, detailsSealed } = row
      // Another provider's answer to this sign-in (a mix-up attack), or another surface's: it is spent, and no code is sent anywhere.
      if (known === undefined || row.provider !== provider) throw new NodeError('STATE_UNKNOWN')
      // Begun by an older version of this node.
      if (detailsSealed === null) throw new NodeError('STATE_EXPIRED')
      const details = openDetails(ring, detailsSealed, handleHash)
      if (details.step !== step) throw new NodeError('STATE_UNKNOWN')
      const verifier =
        verifierSealed === null ? undefined : openValue(ring, verifierSealed, place(handleHash, 'verifier'))
      return { ...known, ...details, verifier } as Taken<S>
    },
  }
}
