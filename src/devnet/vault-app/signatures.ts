/** Checks Verida's record signatures against the server's DID document; natively, since the client takes several ms for each. */
import { addressOf, recoverAddress } from '../../lib/secp256k1.js'
import type { ServerContext } from './messages.js'
import { EncryptionUtils, type VeridaClient } from './verida-client.js'

/** Whether a record carries a valid signature by the server's context. */
export type SignatureCheck = (record: Readonly<Record<string, unknown>>) => boolean

/** Reads the signing key of the server's context out of its DID document. @throws when the document has none. */
export async function createSignatureCheck(
  client: VeridaClient,
  server: ServerContext,
): Promise<SignatureCheck> {
  const did = server.serverDid.toLowerCase()
  const document = await client.didClient.get(server.serverDid)
  const context = EncryptionUtils.hash(`${did}/${server.contextName}`)
  const methods = document.export().verificationMethod ?? []
  const method = methods.find(({ id }) => id.toLowerCase() === `${did}?context=${context}&type=sign`)
  if (method?.publicKeyHex === undefined)
    throw new Error('the DID document of the server names no signing key for its context')
  const address = addressOf(Buffer.from(method.publicKeyHex.replace(/^0x/, ''), 'hex'))
  const member = `${did}?context=${context}`
  return (record) => {
    const signatures = (record['signatures'] ?? {}) as Readonly<
      Record<string, { readonly secp256k1?: string } | undefined>
    >
    const signature = Buffer.from((signatures[member]?.secp256k1 ?? '').replace(/^0x/, ''), 'hex')
    if (signature.length !== 65) return false
    const recovery = (signature[64] ?? 0) - 27
    return recoverAddress(signedDigest(record), signature.subarray(0, 64), recovery) === address
  }
}

/** What a Verida client signs: the record without revision and signatures, its schema without version, keys sorted. */
function signedDigest(record: Readonly<Record<string, unknown>>): Buffer {
  const signed: Record<string, unknown> = { ...record }
  for (const name of ['_rev', '_conflicts', 'signatures']) Reflect.deleteProperty(signed, name)
  if (typeof signed['schema'] === 'string')
    signed['schema'] = signed['schema'].replace(/\/(?:v[\d.]*|latest)\/schema\.json$/, '/schema.json')
  return Buffer.from(EncryptionUtils.hash(signed).slice(2), 'hex')
}
