/** Writes one page as rows, under the run's lease: what is the same as what is kept costs no write. */
import { NodeError } from '../errors.js'
import { canonicalJson } from '../lib/canonical-json.js'
import { sha256 } from '../lib/keyed-hash.js'
import { connectors, leases, records, storableJson, type NewRecord, type Store } from '../store/index.js'
import type { TenantRunContext, WriteCounts } from '../sync/destination.js'
import type { ValidPage } from '../sync/record.js'
import { recordId } from './record-id.js'

export interface WrittenPage {
  readonly counts: WriteCounts
  /** Documents that changed, with what they hold now. */
  readonly hashes: ReadonlyMap<string, string>
}

interface Row extends NewRecord {
  readonly bytes: number
}

/** @throws NodeError WRITE_CONFLICT when this run was fenced, CONNECTOR_UNKNOWN when its connector is gone: nothing is written then */
export async function writeRows(
  store: Store,
  run: TenantRunContext,
  page: ValidPage,
  nowMs: number,
): Promise<WrittenPage> {
  const rows = new Map(
    page.records.map((record) => toRow(run, page, record)).map((row) => [row.documentId, row]),
  )
  const goneIds = new Set([
    ...page.deletedSourceIds.map((id) => recordId(run.connectorId, page.stream, id)),
    ...page.deletedDocumentIds,
  ])
  if (rows.size === 0 && goneIds.size === 0)
    return { counts: { written: 0, unchanged: 0, deleted: 0, bytes: 0 }, hashes: new Map() }
  const of = { connectorId: run.connectorId, schemaUri: page.schema }
  return store.tenant(run.tenant, async (tx) => {
    await leases.assertHeld(tx, run.connectionId, run.leaseNumber)
    if ((await connectors.get(tx, run.connectorId)) === undefined) throw new NodeError('CONNECTOR_UNKNOWN')
    const kept = await records.hashes(tx, of, [...rows.keys(), ...goneIds])
    const changed = [...rows.values()].filter((row) => kept.get(row.documentId) !== row.contentHash)
    await records.upsertMany(tx, changed, nowMs)
    const gone = [...goneIds].filter(
      (id) => rows.has(id) || (kept.get(id) ?? records.DELETED) !== records.DELETED,
    )
    const deleted = await records.tombstone(tx, of, gone, nowMs)
    return {
      counts: {
        written: changed.length,
        unchanged: page.records.length - changed.length,
        deleted,
        bytes: changed.reduce((sum, { bytes }) => sum + bytes, 0),
      },
      hashes: new Map([
        ...changed.map(({ documentId, contentHash }) => [documentId, contentHash] as const),
        ...gone.map((id) => [id, records.DELETED] as const),
      ]),
    }
  })
}

function toRow(
  run: TenantRunContext,
  page: ValidPage,
  { sourceId, record }: ValidPage['records'][number],
): Row {
  const data = storableJson(record)
  const text = canonicalJson(data)
  return {
    connectorId: run.connectorId,
    tenant: run.tenant,
    schemaUri: page.schema,
    documentId: recordId(run.connectorId, page.stream, sourceId),
    stream: page.stream,
    sourceId,
    data,
    contentHash: sha256(text).toString('hex'),
    bytes: Buffer.byteLength(text),
  }
}
