/** Says of one record whether it is valid and signed, by the client's own means. Reads nothing but the record. */
import type { PouchRecord } from './pouch.js'
import type { SignatureCheck } from './signatures.js'
import type { VeridaClient } from './verida-client.js'

export interface Judge {
  /** What is wrong by the schema; empty when nothing is. */
  faults(record: PouchRecord): Promise<readonly string[]>
  isSigned(record: PouchRecord): Promise<boolean>
}

interface JudgeFacts {
  readonly client: VeridaClient
  readonly schema: string
  readonly serverDid: string
  readonly checkSignature: SignatureCheck
}

/** So many signatures of each pull are also checked by the client itself: slow, but it is the one that counts. */
const CROSS_CHECKED = 3

export async function createJudge({ client, schema, serverDid, checkSignature }: JudgeFacts): Promise<Judge> {
  const clientSchema = await client.getSchema(schema)
  let crossChecks = CROSS_CHECKED
  return {
    async faults(record) {
      if (await clientSchema.validate(record)) return []
      return clientSchema.errors.map(({ instancePath, message }) =>
        `${instancePath ?? ''} ${message ?? ''}`.trim(),
      )
    },
    async isSigned(record) {
      const signed = checkSignature(record)
      if (crossChecks-- > 0) {
        const signers = await client.getValidDataSignatures(record, serverDid)
        if (signers.length > 0 !== signed)
          throw new Error(`the client judges the signature of ${record._id} otherwise`)
      }
      return signed
    },
  }
}
