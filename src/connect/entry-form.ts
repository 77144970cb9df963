/** The form that a person fills in where something is asked for beside a sign-in: shown, read, tested, and shown again with what was wrong. */
import { readFields, secretFieldOf, type FieldFault } from '../credentials/field-form.js'
import { openTokens } from '../credentials/open-tokens.js'
import { toNodeError } from '../errors.js'
import {
  authOfTokens,
  enabledProvider,
  type Auth,
  type AuthKind,
  type Field,
  type FieldValues,
  type Provider,
  type UsableProvider,
} from '../provider/index.js'
import { readBrowserCookie } from './browser-cookie.js'
import { completeConnect, type Connected } from './complete.js'
import { startPatience } from './patience.js'
import type { ConnectPorts } from './ports.js'
import { redirectUriOf } from './redirect-uri.js'
import { sendOut } from './send-out.js'
import { signInsIn, type SignIn } from './sign-ins.js'

export interface EntryForm {
  readonly provider: Provider
  readonly auth: Auth
  /** Goes back with the form: good once, in this browser. */
  readonly state: string
  readonly fields: readonly (readonly [name: string, field: AskedField])[]
  /** What was entered before, without secrets. */
  readonly values: Readonly<Record<string, string>>
  readonly faults: readonly FieldFault[]
  /** The other ways to connect, each with a state of its own that is sent back to choose it. */
  readonly others: readonly { readonly kind: AuthKind; readonly state: string }[]
}

export type AskedField = Exclude<Field, { readonly kind: 'told' }>

export interface EnteredForm {
  readonly provider: string
  readonly state: string | undefined
  readonly values: Readonly<Record<string, string>>
  /** Nothing was entered: the way to connect that this state stands for is to be shown. */
  readonly isChoice?: boolean
  /** The Cookie header as it came. */
  readonly cookies: string | undefined
}

export type FormEnd =
  | { readonly kind: 'form'; readonly form: EntryForm }
  | { readonly kind: 'out'; readonly location: string }
  | { readonly kind: 'connected'; readonly connected: Connected }

/** Whether a person has something to enter; where nobody signs in elsewhere, they at least agree. */
export const asksFor = (auth: Auth): boolean => auth.kind !== 'oauth2' || fieldsOf(auth).length > 0

function fieldsOf({ fields = {} }: Auth): EntryForm['fields'] {
  return Object.entries(fields).filter((entry): entry is [string, AskedField] => entry[1].kind !== 'told')
}

interface Shown {
  readonly signIn: SignIn
  readonly browser: string
  readonly values?: EntryForm['values']
  readonly faults?: readonly FieldFault[]
  /** The same sign-in by each of the other ways. */
  readonly others?: readonly SignIn[]
}

export async function beginForm(
  ports: ConnectPorts,
  { provider }: UsableProvider,
  { signIn, browser, values = {}, faults = [], others = [] }: Shown,
): Promise<EntryForm> {
  const auth = authOfTokens(provider, signIn)
  const fields = fieldsOf(auth)
  const shown = fields.flatMap(([name, { kind }]) => {
    const value = kind === 'secret' ? undefined : values[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  const begin = (one: SignIn) => signInsIn(ports).begin({ ...one, step: 'form' }, browser, undefined)
  const state = await begin(signIn)
  const ways = others.map(async (other) => ({ kind: other.kind, state: await begin(other) }))
  return {
    provider,
    auth,
    state,
    fields,
    values: Object.fromEntries(shown),
    faults,
    others: await Promise.all(ways),
  }
}

/** @throws NodeError STATE_UNKNOWN, STATE_EXPIRED, PROVIDER_UNKNOWN, PROVIDER_NOT_CONFIGURED */
export async function submitForm(ports: ConnectPorts, entered: EnteredForm): Promise<FormEnd> {
  const { publicUrl, log } = ports
  const use = enabledProvider(ports.catalog, entered.provider)
  const { id } = use.provider
  const browser = readBrowserCookie(publicUrl, entered.cookies)
  const signIns = signInsIn(ports)
  const { verifier: _none, ...signIn } = await signIns.take({
    provider: id,
    state: entered.state,
    browser,
    step: 'form',
  })
  const auth = authOfTokens(use.provider, signIn)
  const again = async (faults: readonly FieldFault[]): Promise<FormEnd> => {
    const shown = { signIn, browser: browser ?? '', values: entered.values, faults }
    return { kind: 'form', form: await beginForm(ports, use, shown) }
  }
  if (entered.isChoice === true && asksFor(auth)) return again([])
  const read = readFields(entered.values, { auth, settings: use.settings, told: false })
  if (read.kind === 'faulty') return again(read.faults)
  if (auth.kind === 'oauth2') {
    const out: SignIn = { ...signIn, step: 'out', fields: read.fields }
    const way = { use, redirectUri: redirectUriOf(publicUrl, id), signIns, signIn: out }
    return { kind: 'out', location: await sendOut(ports, { ...way, browser: browser ?? '' }) }
  }
  try {
    return { kind: 'connected', connected: await opened(ports, use, { auth, signIn, fields: read.fields }) }
  } catch (error) {
    log.warn('connect.failed', { provider: id, error })
    const { code, fate, publicMessage, fields } = toNodeError(error)
    // What was entered is well formed, and the service has nothing of that name.
    if (code === 'REQUEST_INVALID' && fields !== undefined) return again(fields)
    if (code === 'STORE_UNAVAILABLE' || code === 'WRITE_CONFLICT') throw error
    if (fate !== 'reconnect' && fate !== 'retry' && code !== 'PROVIDER_CHANGED') throw error
    const message = code === 'TOKEN_REVOKED' ? `${use.provider.label} does not accept this.` : publicMessage
    return again([{ path: fate === 'reconnect' ? (secretFieldOf(auth) ?? '') : '', message }])
  }
}

interface Entry {
  readonly auth: Auth
  readonly signIn: SignIn
  readonly fields: FieldValues
}

async function opened(ports: ConnectPorts, use: UsableProvider, entry: Entry): Promise<Connected> {
  const { clock, log, outbound } = ports
  const { auth, signIn, fields } = entry
  const patience = startPatience()
  try {
    const { signal } = patience
    const opening = { auth, fields, scopes: signIn.scopes }
    const tokens = await openTokens({ ...outbound, clock, log, signal }, use, opening)
    return await completeConnect(ports, use, { signIn, tokens, signal })
  } finally {
    patience.end()
  }
}
