/** A webhook's secrets as its row holds them: sealed under the key ring, opening only in their tenant and webhook. */
import { z } from 'zod'
import type { KeyRing } from '../../credentials/key-ring.js'
import { openValue, sealingKeyId, sealValue } from '../../credentials/sealed-value.js'
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
const bound = ({ tenant, id }: WebhookPlace): readonly string[] => [tenant, 'webhook', id]

export function sealSecrets(ring: KeyRing, place: WebhookPlace, secrets: readonly SigningSecret[]): string {
  const plain = secrets
    .slice(0, MOST_SECRETS)
    .map(({ secret, untilMs }) => ({ secret: reveal(secret), untilMs }))
  return sealValue(ring, JSON.stringify(plain), bound(place))
}

/** Those that sign at this time, the newest first. @throws NodeError SEAL_FAILED */
export function openSecrets(ring: KeyRing, webhook: Webhook, nowMs: number): readonly SigningSecret[] {
  const read = form.safeParse(JSON.parse(openValue(ring, webhook.secretsSealed, bound(webhook))))
  if (!read.success)
    throw new NodeError('SEAL_FAILED', {
      detail: `the secrets of webhook ${webhook.id} are of no known form`,
    })
  return read.data
    .filter(({ untilMs }) => untilMs === null || untilMs > nowMs)
    .map(({ secret, untilMs }) => ({ secret: new Redacted(secret), untilMs }))
}

/** The same under the ring's current key; `undefined` when it is under that already. @throws NodeError SEAL_FAILED */
export function sealedAgain(ring: KeyRing, { tenant, id, secretsSealed }: Webhook): string | undefined {
  if (sealingKeyId(secretsSealed) === ring.current.id) return undefined
  const place = bound({ tenant, id })
  return sealValue(ring, openValue(ring, secretsSealed, place), place)
}
