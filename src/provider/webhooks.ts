/** Deliveries from a service: how they are proven to come from it, what they say has changed, and how they are ordered and ended. */
import type { JsonObject } from '../lib/canonical-json.js'
import type { Redacted } from '../lib/redacted.js'
import type { ProviderHttp } from './http.js'
import type { SettingsOf, SettingsShape } from './settings.js'
import type { FetchContext } from './stream.js'

export interface Delivery {
  readonly method: 'GET' | 'POST'
  /** The whole public address it was sent to, with its query. */
  readonly url: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** The very bytes: signatures are over these. */
  readonly body: Uint8Array
}

export interface DeliverySecrets<S extends SettingsShape> {
  readonly settings: SettingsOf<S>
  /** The registration's own secret, where each has one. */
  readonly secret: Redacted | undefined
  readonly nowMs: number
}

/** Something changed: which account of an application-wide endpoint, which stream and container. Left out: all of them. */
export interface DeliveryEvent {
  readonly accountId?: string
  readonly stream?: string
  readonly partition?: string
}

export type Verdict =
  | {
      readonly kind: 'accepted'
      /** The service's id of the delivery, or a digest of its bytes: the same again is ignored. */
      readonly deliveryId: string
      /** When it was sent, in ms since 1970, where the signature covers it. */
      readonly sentAtMs?: number
      readonly events: readonly DeliveryEvent[]
    }
  /** The service asks whether the endpoint is ours: the answer is sent as it is. */
  | { readonly kind: 'handshake'; readonly status: number; readonly type: string; readonly body: string }
  /** For logs; the sender is only told 401. */
  | { readonly kind: 'refused'; readonly why: string }

/** A registration at the service, as the node keeps it; `state` is the provider's own and holds no secret. */
export interface Registration {
  readonly id: string
  /** Made by the service; missing when the node's own was taken. */
  readonly secret?: Redacted
  /** The node renews before it. */
  readonly expiresAtMs?: number
  readonly state?: JsonObject
}

export interface RegistrationWish {
  /** Where deliveries go; unguessable. */
  readonly url: string
  /** A fresh secret that the service may take. */
  readonly secret: Redacted
  readonly streams: readonly string[]
}

type WebhookContext<S extends SettingsShape> = Omit<FetchContext<S>, 'partition' | 'sinceMs'>

export interface Webhooks<S extends SettingsShape = SettingsShape> {
  /** `app`: one endpoint for all accounts, set up by the operator in the service's console; `connection`: one each, by `register`. */
  readonly scope: 'app' | 'connection'
  /** Streams whose changes are told. */
  readonly streams: readonly string[]
  /** The scheme and its documentation, for docs. */
  readonly scheme: string
  /** Older deliveries are refused, where `sentAtMs` is known. Default: 5 minutes. */
  readonly replayWindowMs?: number
  /** What an operator does in the service's console, with `scope: 'app'` or without `register`. */
  readonly setup?: string
  /** Pure and constant in time; use `hmacMatches`. */
  verify(delivery: Delivery, secrets: DeliverySecrets<S>): Verdict
  register?(http: ProviderHttp, wish: RegistrationWish, context: WebhookContext<S>): Promise<Registration>
  remove?(http: ProviderHttp, registration: Registration, context: WebhookContext<S>): Promise<void>
}
