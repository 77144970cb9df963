/** A connector as the owner of a connection, of its syncs and of a sign-in. No DID has this form. */
import { NodeError } from '../errors.js'
import type { Connector } from '../store/index.js'

const FORM = /^tenant:(.+):([0-9a-f-]{36})$/

export const ownerOf = (tenant: string, connectorId: string): string => `tenant:${tenant}:${connectorId}`

/** `undefined` for an owner of another kind. */
export function connectorOf(
  owner: string,
): { readonly tenant: string; readonly connectorId: string } | undefined {
  const [, tenant, connectorId] = FORM.exec(owner) ?? []
  return tenant === undefined || connectorId === undefined ? undefined : { tenant, connectorId }
}

/** What is in an account whose records go to their owner's databases is that owner's alone. @throws NodeError FORBIDDEN */
export function refuseOwners({ destination }: Pick<Connector, 'destination'>): void {
  if (destination === 'vault')
    throw new NodeError('FORBIDDEN', { detail: 'its records are its owner’s alone' })
}
