/** What nodes and applications keep filled for an owner: listed with the keys of its databases, and ended, by owner-signed requests alone. */
import { Router } from 'express'
import type { OwnedConnections } from '../../connectors/index.js'
import { jsonOnly } from '../errors/json-only.js'
import type { OwnerAuthenticator } from '../authentication/owner.js'

export interface OwnedConnectionDeps {
  readonly owned: OwnedConnections
  readonly authenticateOwner: OwnerAuthenticator
  /** Whom the Vault reads from. */
  readonly server: { readonly serverDid: string; readonly signerDid: string; readonly contextName: string }
}

export function ownedConnectionRoutes({ owned, authenticateOwner, server }: OwnedConnectionDeps): Router {
  const router = Router()
  router.get('/owned/connections', async (req, res) => {
    const did = await authenticateOwner(req)
    // The keys of databases are in it.
    res.set('Cache-Control', 'no-store').json({ did, ...server, connections: await owned.list(did) })
  })
  router.post('/owned/connections/:id/disconnect', jsonOnly, async (req, res) => {
    const did = await authenticateOwner(req)
    const { revoked, reason, erasedSchemas } = await owned.disconnect(did, String(req.params['id']))
    res.json({ revoked, ...(reason !== undefined && { reason }), forgotten: erasedSchemas })
  })
  return router
}
