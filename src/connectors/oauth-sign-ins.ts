/** Sign-ins of tenants' connectors under way: bound to tenant and connector, and to the browser that followed the link. */
import { keptSignIns, type SignInDetails, type SignInForm, type SignIns } from '../connect/index.js'
import { connectorOf, ownerOf } from './owner.js'
import type { ConnectorPorts } from './ports.js'
import type { Ticket } from './oauth-ticket.js'

export interface ConnectorSignIn extends SignInDetails, Pick<Ticket, 'tenant' | 'connectorId' | 'redirect'> {
  readonly provider: string
}

/** By the owner of its row neither surface finishes what the other began. */
const form: SignInForm<ConnectorSignIn> = {
  write: ({ provider, tenant, connectorId, redirect }) => ({
    provider,
    did: ownerOf(tenant, connectorId),
    keyFingerprint: null,
    redirect,
    flow: 'code',
    challenge: null,
  }),
  read({ provider, did, redirect }) {
    const connector = connectorOf(did)
    return connector === undefined ? undefined : { provider, redirect, ...connector }
  },
}

export const connectorSignIns = (
  ports: Pick<ConnectorPorts, 'store' | 'ring' | 'clock'>,
): SignIns<ConnectorSignIn> => keptSignIns(ports, form)
