/** What the node keeps of a registration, sealed: the part of its address that nobody can guess, its secrets, and the service's own words for it. */
import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { KeyRing } from '../../credentials/key-ring.js'
import { openValue, sealValue } from '../../credentials/sealed-value.js'
import { NodeError } from '../../errors.js'
import type { JsonObject } from '../../lib/canonical-json.js'
import { Redacted, reveal } from '../../lib/redacted.js'
import type { Registration } from '../../provider/index.js'
import type { InboundWebhookRow } from '../../store/index.js'

export interface KeptRegistration {
  readonly path: string
  /** Those that deliveries may be signed under, the newest first. */
  readonly secrets: readonly Redacted[]
  /** As the service knows it; missing before it does, and where people enter it there by hand. */
  readonly made?: Registration | undefined
}

export type RegistrationPlace = Pick<InboundWebhookRow, 'id' | 'tenant'>

/** The service may still sign under the one before while the newest is new. */
const MOST_SECRETS = 2

const form = z.strictObject({
  path: z.string(),
  secrets: z.array(z.string()).min(1),
  made: z
    .strictObject({
      id: z.string(),
      secret: z.string().optional(),
      expiresAtMs: z.number().optional(),
      state: z.json().optional(),
    })
    .optional(),
})

/** What the seal is bound to. */
export const boundTo = ({ tenant, id }: RegistrationPlace): readonly string[] => [
  tenant,
  'inbound webhook',
  id,
]

export const newPath = (): string => randomBytes(32).toString('base64url')
export const newSecret = (): Redacted => new Redacted(randomBytes(32).toString('hex'))
export const pathHash = (path: string): string => createHash('sha256').update(path).digest('hex')

export function sealRegistration(ring: KeyRing, place: RegistrationPlace, kept: KeptRegistration): string {
  const { path, secrets, made } = kept
  const plain = {
    path,
    secrets: secrets.slice(0, MOST_SECRETS).map(reveal),
    ...(made && { made: { ...made, ...(made.secret && { secret: reveal(made.secret) }) } }),
  }
  return sealValue(ring, JSON.stringify(plain), boundTo(place))
}

/** @throws NodeError SEAL_FAILED */
export function openRegistration(ring: KeyRing, row: InboundWebhookRow): KeptRegistration {
  const read = form.safeParse(JSON.parse(openValue(ring, row.registrationSealed, boundTo(row))))
  if (!read.success)
    throw new NodeError('SEAL_FAILED', { detail: `the registration ${row.id} is of no known form` })
  const { path, secrets, made } = read.data
  return {
    path,
    secrets: secrets.map((secret) => new Redacted(secret)),
    ...(made && { made: toRegistration(made) }),
  }
}

function toRegistration(made: NonNullable<z.infer<typeof form>['made']>): Registration {
  const { id, secret, expiresAtMs, state } = made
  return {
    id,
    ...(secret !== undefined && { secret: new Redacted(secret) }),
    ...(expiresAtMs !== undefined && { expiresAtMs }),
    ...(state !== undefined && { state: state as JsonObject }),
  }
}
