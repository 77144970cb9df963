/** What the operator changed of this node: its own audit log, which is no tenant's. */
import { Router } from 'express'
import { NODE_AUDIT } from '../../connectors/index.js'
import type { Redacted } from '../../lib/redacted.js'
import { auditPage, type AuditDeps } from '../v1/audit-page.js'
import { requireOperatorToken } from './key-routes.js'

export interface NodeAuditRoutePorts extends AuditDeps {
  /** Without it nobody is the operator. */
  readonly operatorToken: Redacted | undefined
}

const NODE = { tenant: NODE_AUDIT, actor: 'operator', subject: 'operator' } as const

export function nodeAuditRoutes({ operatorToken, ...deps }: NodeAuditRoutePorts): Router {
  const router = Router()
  router.get('/ops/audit', async (req, res) => {
    requireOperatorToken(req, operatorToken)
    res.set('Cache-Control', 'no-store').json(await auditPage(deps, NODE, req.query))
  })
  router.get('/ops/audit/verify', async (req, res) => {
    requireOperatorToken(req, operatorToken)
    res.set('Cache-Control', 'no-store').json(await deps.connectors.verifyAudit(NODE))
  })
  return router
}
