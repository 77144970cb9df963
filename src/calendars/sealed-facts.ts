/** What a calendar says of its person: sealed beside its connector's credentials, so that it is sealed again and erased with them. */
import { z } from 'zod'
import type { KeyRing } from '../credentials/key-ring.js'
import { openValue, sealValue } from '../credentials/sealed-value.js'
import { NodeError } from '../errors.js'
import { connectorCredentials, type ScopedTx } from '../store/index.js'

const forms = {
  invitation: z.strictObject({
    /** Who was invited. */
    userEmail: z.string(),
    /** The only account that may be connected; `null`: any. */
    account: z.string().nullable(),
    /** The secret of the newest link. */
    secret: z.string(),
  }),
  metadata: z.strictObject({
    calendarId: z.string(),
    userEmail: z.string(),
    googleEmail: z.string(),
    connectedAt: z.iso.datetime(),
    isConnected: z.boolean(),
    updatedAt: z.iso.datetime(),
  }),
}

export type Invitation = z.infer<typeof forms.invitation>
/** As applications know it, each name and form of it. */
export type CalendarMetadata = z.infer<typeof forms.metadata>

interface Facts {
  readonly invitation: Invitation
  readonly metadata: CalendarMetadata
}

/** Where a fact belongs. */
export interface FactPlace {
  readonly tenant: string
  readonly connectorId: string
}

const bound = ({ tenant, connectorId }: FactPlace, field: keyof Facts): readonly string[] => [
  tenant,
  connectorId,
  field,
]

export async function putFacts<F extends keyof Facts>(
  tx: ScopedTx,
  ring: KeyRing,
  place: FactPlace,
  { field, facts, nowMs }: { readonly field: F; readonly facts: Facts[F]; readonly nowMs: number },
): Promise<void> {
  const { tenant, connectorId } = place
  const sealed = sealValue(ring, JSON.stringify(facts), bound(place, field))
  await connectorCredentials.put(tx, { tenant, connectorId, field, sealed, nowMs })
}

/** @throws NodeError SEAL_FAILED */
export async function readFacts<F extends keyof Facts>(
  tx: ScopedTx,
  ring: KeyRing,
  place: FactPlace,
  field: F,
): Promise<Facts[F] | undefined> {
  const row = await connectorCredentials.get(tx, place.connectorId, field)
  if (row === undefined) return undefined
  const read = forms[field].safeParse(JSON.parse(openValue(ring, row.sealed, bound(place, field))))
  if (read.success) return read.data as Facts[F]
  throw new NodeError('SEAL_FAILED', { detail: `the ${field} of ${place.connectorId} is of no known form` })
}
