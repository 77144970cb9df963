/** A page of an audit log, a tenant's or the node's own, as its readers see it. */
import type { Request } from 'express'
import { z } from 'zod'
import type { AuditPage, Caller, Connectors } from '../../connectors/index.js'
import { NodeError } from '../../errors.js'
import type { AuditRow } from '../../store/index.js'
import { pageLimit, pageOf, type PageCursors } from '../http/page-cursor.js'
import { optionalText } from '../http/read-input.js'
import { time } from './connector-json.js'

export interface AuditDeps {
  readonly connectors: Pick<Connectors, 'audit' | 'verifyAudit'>
  readonly cursors: PageCursors
}

/** @throws NodeError REQUEST_INVALID */
export async function auditPage(
  { connectors, cursors }: AuditDeps,
  caller: Caller,
  query: Request['query'],
): Promise<object> {
  const filter = readFilter(query)
  const limit = pageLimit(query)
  const list = ['audit', caller.tenant, JSON.stringify(filter)]
  const after = cursors.read(list, query, z.number())
  const rows = await connectors.audit(caller, { ...filter, after, limit: limit + 1 })
  return pageOf(rows, limit, auditJson, ({ position }) => cursors.write(list, position))
}

function readFilter(query: Request['query']): Omit<AuditPage, 'after' | 'limit'> {
  return {
    connectorId: optionalText(query, 'connector_id', 64),
    actor: optionalText(query, 'actor', 400),
    action: optionalText(query, 'action', 100),
    sinceMs: readTime(query, 'since'),
    untilMs: readTime(query, 'until'),
  }
}

function readTime(query: Request['query'], name: string): number | undefined {
  const text = optionalText(query, name, 40)
  if (text === undefined) return undefined
  const read = z.iso.datetime({ offset: true }).safeParse(text)
  if (read.success) return Date.parse(read.data)
  throw new NodeError('REQUEST_INVALID', {
    fields: [{ path: name, message: 'must be a time such as 2026-01-31T12:00:00Z' }],
  })
}

function auditJson({ id, position, atMs, actor, action, subject, facts, ...row }: AuditRow): object {
  return {
    id,
    position,
    at: time(atMs),
    actor,
    action,
    subject,
    facts,
    address: row.address,
    request_id: row.requestId,
    hash: row.hash,
  }
}
