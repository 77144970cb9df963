/** The link that an application gives to a person's browser: names tenant and connector, sealed, good once and for ten minutes. */
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { SIGN_IN_MS } from '../connect/index.js'
import { fieldRecord } from '../credentials/field-record.js'
import { openValue, sealValue } from '../credentials/sealed-value.js'
import { NodeError } from '../errors.js'
import { usedJtis } from '../store/index.js'
import type { ConnectorPorts } from './ports.js'

const form = z.strictObject({
  id: z.string(),
  tenant: z.string(),
  connectorId: z.string(),
  /** Checked when it was asked for. */
  redirect: z.string().nullable(),
  /** What was entered before the sign-in. */
  fields: fieldRecord,
  scopes: z.array(z.string()),
  expiresAtMs: z.number(),
})

export type Ticket = Omit<z.infer<typeof form>, 'id' | 'expiresAtMs'>

export interface IssuedTicket {
  readonly text: string
  readonly expiresAtMs: number
}

type TicketPorts = Pick<ConnectorPorts, 'ring' | 'clock' | 'store'>

const bound = (type: string): readonly string[] => ['oauth_ticket', type]

export function issueTicket({ ring, clock }: TicketPorts, type: string, ticket: Ticket): IssuedTicket {
  const expiresAtMs = clock.now() + SIGN_IN_MS
  const content = { ...ticket, id: randomUUID(), expiresAtMs }
  return { text: sealValue(ring, JSON.stringify(content), bound(type)), expiresAtMs }
}

/** @throws NodeError STATE_UNKNOWN (not ours, of another type, used), STATE_EXPIRED */
export async function takeTicket(
  { ring, clock, store }: TicketPorts,
  type: string,
  text: string,
): Promise<Ticket> {
  const { id, expiresAtMs, ...ticket } = opened(ring, type, text)
  if (expiresAtMs <= clock.now()) throw new NodeError('STATE_EXPIRED')
  if (!(await usedJtis.use(store.db, `oauth-ticket ${id}`, expiresAtMs)))
    throw new NodeError('STATE_UNKNOWN', { detail: 'this link was already used' })
  return ticket
}

function opened(ring: TicketPorts['ring'], type: string, text: string): z.infer<typeof form> {
  try {
    return form.parse(JSON.parse(openValue(ring, text, bound(type))))
  } catch (cause) {
    throw new NodeError('STATE_UNKNOWN', { detail: 'this link is not of this node', cause })
  }
}
