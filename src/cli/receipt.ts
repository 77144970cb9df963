/** `connector-node receipt verify FILE`: hashes, signatures and chains of receipts, without a network. */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { NodeError } from '../errors.js'
import { checkReceipts, type Receipt } from '../sync/index.js'

const receipt = z.object({
  body: z.looseObject({
    database: z.string(),
    schema: z.string(),
    sequence: z.number(),
    previous: z.string(),
    signer: z.string(),
  }),
  hash: z.string(),
  signature: z.string(),
})
/** As `GET /syncs/:id/receipt` gives them, as `syncInfo` carries them, or one alone. */
const file = z.union([
  z.object({ receipts: z.array(receipt) }).transform((whole) => whole.receipts),
  z.array(receipt),
  receipt.transform((one) => [one]),
])

export async function verifyReceiptFile(path: string): Promise<number> {
  const receipts = (await readReceipts(path)) as unknown as readonly Receipt[]
  const faults = checkReceipts(receipts)
  for (const fault of faults) console.log(fault)
  const signer = receipts[0]?.body.signer ?? 'nobody'
  console.log(
    faults.length === 0
      ? `${receipts.length} receipts, all valid, signed by ${signer}`
      : `${faults.length} faults in ${receipts.length} receipts`,
  )
  return faults.length === 0 ? 0 : 1
}

async function readReceipts(path: string): Promise<z.output<typeof file>> {
  try {
    return file.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (cause) {
    const detail = `${path} cannot be read as receipts: save the answer of GET /syncs/<id>/receipt`
    throw new NodeError('REQUEST_INVALID', { detail, cause })
  }
}
