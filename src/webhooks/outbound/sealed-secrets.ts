/** A webhook's secrets as its row holds them: sealed under the key ring, opening only in their tenant and webhook. */
import { z } from 'zod'
import type { KeyRing } from '../../credentials/key-ring.js'
import { openValue, sealValue } from '../../credentials/sealed-value.js'
import { NodeError } from '../../errors.js'
import { Redacted, reveal } from '../../lib/redacted.js'
import type { Webhook } from '../../store/index.js'

export interface SigningSecret {
  readonly secret: Redacted
  /** `null`: the newest one. */
  readonly untilMs: number | null
}

export type WebhookPlace = Pick<Webhook, 'tenant' | 'id'>

/** More rotations than this within the time that an old secret signs: the oldest stop at once. */
const MOST_SECRETS = 6

const form = z.array(z.strictObject({ secret: z.string(), untilMs: z.number().nullable() })).min(1)
/** What the seal is bound to. */
export const boundTo = ({ tenant, id }: WebhookPlace): readonly string[] => [tenant, 'webhook', id]

export function sealSecrets(ring: KeyRing, place: WebhookPlace, secrets: readonly SigningSecret[]): string {
  const plain = secrets
    .slice(0, MOST_SECRETS)
    .map(({ secret, untilMs }) => ({ secret: reveal(secret), untilMs }))
  return sealValue(ring, JSON.stringify(plain), boundTo(place))
}

/** Those that sign at this time, the newest first. @throws NodeError SEAL_FAILED */
export function openSecrets(ring: KeyRing, webhook: Webhook, nowMs: number): readonly SigningSecret[] {
  const read = form.safeParse(JSON.parse(openValue(ring, webhook.secretsSealed, boundTo(webhook))))
  if (!read.success)
    throw new NodeError('SEAL_FAILED', {
      detail: `the secrets of webhook ${webhook.id} are of no known form`,
    })
  return read.data
    .filter(({ untilMs }) => untilMs === null || untilMs > nowMs)
    .map(({ secret, untilMs }) => ({ secret: new Redacted(secret), untilMs }))
}
