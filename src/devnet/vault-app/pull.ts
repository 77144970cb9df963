/** Pulls a server's databases as the mobile Vault does (vault.md 3.7), and counts what came. Changes nothing at the server. */
import { sha256 } from '../../lib/keyed-hash.js'
import { inspectPull, type Inspection } from './inspect-pull.js'
import { createJudge } from './judge.js'
import type { PullInput, PullReport, SchemaReport } from './messages.js'
import { withServerDatabase, withServerDatastore, type OpenServerDatabase } from './server-database.js'
import type { Vault } from './vault.js'
import { createSignatureCheck } from './signatures.js'

/** @throws with the client's own text: wrong key, no permission, no storage node, a document that cannot be opened. */
export async function pullDatabases(vault: Vault, did: string, input: PullInput): Promise<PullReport> {
  const { serverDid, contextName } = input
  const context = await vault.context()
  const checkSignature = await createSignatureCheck(vault.client, input)
  const permissions = { read: 'users', write: 'users', readList: [did], writeList: [did] } as const
  const schemas: Record<string, SchemaReport> = {}
  const digests: string[] = []
  for (const [schema, database] of Object.entries(input.schemas)) {
    const documents = await vault.documents(schema)
    const judge = await createJudge({ client: vault.client, schema, serverDid, checkSignature })
    const at = { ...database, serverDid, contextName, schema, permissions }
    const take = async ({ decrypting, sealed }: OpenServerDatabase): Promise<Inspection> => {
      await documents.pullFrom(decrypting)
      return inspectPull({ schema, documents, sealed, judge })
    }
    const { leaves, recordDigests, ...report } = vault.ownDatastores
      ? await withServerDatastore(context, at, take)
      : await withServerDatabase(context, at, take)
    digests.push(...recordDigests)
    schemas[schema] = input.leaves === true ? { ...report, leaves } : report
  }
  return { schemas, digest: sha256(digests.sort().join('\n')).toString('hex') }
}
