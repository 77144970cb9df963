/** What a person, or their application, is asked for to connect one account: names, kinds and help; forms are drawn from it. */
import type { Redacted } from '../lib/redacted.js'

interface FieldOptions {
  readonly label: string
  /** What it is and where to find it, for people. */
  readonly help: string
  readonly optional?: boolean
  /** Shown as an example, never used. */
  readonly example?: string
}

/** One line of text, or several; `pattern` is a whole-value regular expression. */
export interface TextField extends FieldOptions {
  readonly kind: 'text'
  /** Such as a query or a certificate. */
  readonly multiline?: boolean
  readonly pattern?: string
  readonly fallback?: string
}

/** Sealed where it is kept, never shown again. Printable, without spaces unless `multiline`. */
export interface SecretField extends FieldOptions {
  readonly kind: 'secret'
  /** A whole file, such as a service account's JSON key. */
  readonly multiline?: boolean
}

/**
 * A host that belongs to the service, chosen by account: `{shop}.myshopify.com`. `host` is the host with `{}` where
 * the value stands, which is one DNS label. `hosts: ['field:shop']` allows calls to it.
 */
export interface HostField extends FieldOptions {
  readonly kind: 'host'
  readonly host: string
}

/** A server of the person's own: an https origin, or `host:port` where `port` gives a default. Its address is checked at each connect. */
export interface OriginField extends FieldOptions {
  readonly kind: 'origin'
  /** For servers that do not speak HTTP: the default port of `host:port`. */
  readonly port?: number
  readonly fallback?: string
}

/** One of a list. */
export interface ChoiceField extends FieldOptions {
  readonly kind: 'choice'
  readonly choices: Readonly<Record<string, string>>
  readonly fallback?: string
}

/** Not asked for: the service tells it at the sign-in, as a parameter of the callback or a member of the token answer. */
export interface ToldField {
  readonly kind: 'told'
  readonly from: 'callback' | 'token'
  readonly name: string
  /** An https origin that calls may go to, by `hosts: ['field:...']`; it must end in one of these. */
  readonly originUnder?: readonly string[]
}

export type Field = TextField | SecretField | HostField | OriginField | ChoiceField | ToldField
export type FieldsShape = Readonly<Record<string, Field>>

/** The values of one connection: texts in clear (a host as the whole host, an origin as the whole origin), secrets hidden. */
export interface FieldValues {
  readonly texts: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, Redacted>>
}

export const NO_FIELDS: FieldValues = { texts: {}, secrets: {} }
