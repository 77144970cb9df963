/** Addresses that a provider declares for one way to connect, with the operator's settings and the account's own texts in them. */
import { NodeError } from '../errors.js'
import type { Connected } from '../outbound/index.js'
import {
  NO_FIELDS,
  type Auth,
  type FieldValues,
  type FromSettings,
  type UsableProvider,
} from '../provider/index.js'

/** @throws NodeError PROVIDER_CHANGED: no address comes of these values */
export function resolved(
  fact: FromSettings,
  { provider, settings }: UsableProvider,
  texts: FieldValues['texts'] = {},
): string {
  const address = typeof fact === 'string' ? fact : fact(settings, texts)
  if (URL.canParse(address)) return address
  throw new NodeError('PROVIDER_CHANGED', { detail: `${provider.id}: a declared address that is none` })
}

export interface TokenAddress {
  readonly url: string
  /** What `declaredHosts` may allow beside the provider's hosts. */
  readonly hosts: { readonly further: readonly string[]; readonly connected: Connected }
}

/**
 * Where tokens are asked for. The client's secret goes there: an address that people's free texts decide must be of a
 * declared host, while one that only settings and choices decide is the provider's own word.
 */
export function tokenAddress(
  use: UsableProvider,
  auth: Extract<Auth, { readonly token: FromSettings }>,
  fields: FieldValues = NO_FIELDS,
): TokenAddress {
  const url = resolved(auth.token, use, fields.texts)
  const connected = { kind: auth.kind, fields }
  const isOwnWord = originOf(() => resolved(auth.token, use, chosen(auth, fields))) === new URL(url).origin
  return { url, hosts: { further: isOwnWord ? [url] : [], connected } }
}

/** The texts that are one of the provider's own choices. */
function chosen({ fields: shape = {} }: Auth, { texts }: FieldValues): FieldValues['texts'] {
  return Object.fromEntries(
    Object.entries(texts).filter(([name, value]) => {
      const field = shape[name]
      return field?.kind === 'choice' && Object.hasOwn(field.choices, value)
    }),
  )
}

function originOf(address: () => string): string | undefined {
  try {
    return new URL(address()).origin
  } catch {
    return undefined
  }
}
