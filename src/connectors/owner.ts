/** A connector as the owner of a connection, of its syncs and of a sign-in. No DID has this form. */

const FORM = /^tenant:(.+):([0-9a-f-]{36})$/

export const ownerOf = (tenant: string, connectorId: string): string => `tenant:${tenant}:${connectorId}`

/** `undefined` for an owner of another kind. */
export function connectorOf(
  owner: string,
): { readonly tenant: string; readonly connectorId: string } | undefined {
  const [, tenant, connectorId] = FORM.exec(owner) ?? []
  return tenant === undefined || connectorId === undefined ? undefined : { tenant, connectorId }
}
