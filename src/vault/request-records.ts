/**
 * Sync-request records (vault.md 7.3): how a Vault follows its sync, in a database of its own per owner, provider and
 * key. A record counts as written when every storage node that answers was seen to hold it.
 */
import { randomBytes } from 'node:crypto'
import type { JsonObject } from '../lib/canonical-json.js'
import { hmac } from '../lib/keyed-hash.js'
import type { RequestAnswer, RequestRecords } from '../sync/request-record.js'
import { confirmDocument } from './confirm-document.js'
import { ownerKeyHash } from './database-line.js'
import type { DestinationPorts } from './destination-ports.js'
import { createEnvelope } from './envelope.js'
import type { NodeIdentity } from './identity.js'
import { stagedDocument } from './staged-document.js'

export const REQUEST_SCHEMA =
  'https://vault.schemas.verida.io/data-connections/sync-request/v0.1.0/schema.json'

/** The Vault waits for the answer to its request. */
const OPEN_MS = 4_500
/** At the end of a sync nobody waits for this alone. */
const FINISH_MS = 15_000

type RequestPorts = Pick<DestinationPorts, 'nodes' | 'secrets' | 'recordSigner' | 'log'>

export function createRequestRecords(
  ports: RequestPorts,
  identity: Pick<NodeIdentity, 'did' | 'contextName'>,
): RequestRecords {
  return {
    async open({ owner, provider, key, nowMs }) {
      const secret = ports.secrets.secret(ports.secrets.current)
      const parts = ['cn/1/request', owner, provider, ownerKeyHash(secret, key)]
      const databaseName = hmac(secret, parts).toString('hex')
      const id = randomBytes(16).toString('hex')
      const envelope = createEnvelope(key)
      const sign = await ports.recordSigner?.()
      const started = new Date(nowMs).toISOString()
      /** Hashes of the revisions so far, newest first. */
      let path: readonly string[] = []

      const write = async (fields: JsonObject, withinMs: number): Promise<void> => {
        const record: JsonObject = {
          schema: REQUEST_SCHEMA,
          source: provider,
          requestStart: started,
          insertedAt: started,
          modifiedAt: started,
          ...fields,
          _id: id,
        }
        const signed = sign === undefined ? record : { ...record, signatures: sign(record) }
        path = [randomBytes(16).toString('hex'), ...path]
        const rev = `${path.length}-${path[0] ?? ''}`
        const document = stagedDocument(id, { rev, path }, envelope.seal(signed))
        await confirmDocument(ports, { databaseName, owner, document, withinMs })
      }

      await write({ status: 'requested' }, OPEN_MS)
      const answer: RequestAnswer = {
        did: owner,
        serverDid: identity.did,
        signerDid: identity.did,
        syncRequestId: id,
        syncRequestDatabaseName: databaseName,
        contextName: identity.contextName,
      }
      return {
        answer,
        complete: (info) => write({ status: 'complete', syncInfo: info as unknown as JsonObject }, FINISH_MS),
        fail: (message) => write({ status: 'error', syncInfo: { error: message } }, FINISH_MS),
      }
    },
  }
}
