/** What a signed Ethereum transaction asks for: target and call data. Neither checks nor needs its gas. */
import sha3 from 'js-sha3'

export interface Transaction {
  /** 0x hex, as Ethereum names it: keccak-256 of the raw bytes. */
  readonly hash: string
  /** Lower case. */
  readonly to: string
  /** 0x hex. */
  readonly data: string
}

type Item = Buffer | readonly Item[]

/** Reads a legacy (EIP-155), EIP-2930 or EIP-1559 transaction. @throws RangeError when it is none */
export function readTransaction(raw: string): Transaction {
  const bytes = Buffer.from(raw.replace(/^0x/, ''), 'hex')
  const type = bytes[0] ?? 0
  const typed = type === 1 || type === 2
  const { item } = readItem(bytes, typed ? 1 : 0)
  if (Buffer.isBuffer(item)) throw new RangeError('not a transaction')
  // Legacy: nonce, gasPrice, gas, to, value, data. EIP-2930 has the chain in front, EIP-1559 the chain and a second fee.
  const target = typed ? 3 + type : 3
  const to = item[target]
  const data = item[target + 2]
  if (!Buffer.isBuffer(to) || !Buffer.isBuffer(data)) throw new RangeError('not a transaction')
  return {
    hash: `0x${sha3.keccak256(bytes)}`,
    to: `0x${to.toString('hex')}`,
    data: `0x${data.toString('hex')}`,
  }
}

/** One item of Recursive Length Prefix encoding. https://ethereum.org/en/developers/docs/data-structures-and-encoding/rlp/ */
function readItem(bytes: Buffer, at: number): { readonly item: Item; readonly end: number } {
  const first = bytes[at]
  if (first === undefined) throw new RangeError('truncated')
  if (first < 0x80) return { item: bytes.subarray(at, at + 1), end: at + 1 }
  const isList = first >= 0xc0
  const short = first - (isList ? 0xc0 : 0x80)
  const lengthBytes = Math.max(0, short - 55)
  const start = at + 1 + lengthBytes
  const length = lengthBytes === 0 ? short : bytes.readUIntBE(at + 1, Math.min(lengthBytes, 6))
  const end = start + length
  if (lengthBytes > 6 || end > bytes.length) throw new RangeError('truncated')
  if (!isList) return { item: bytes.subarray(start, end), end }
  const items: Item[] = []
  for (let next = start; next < end;) {
    const read = readItem(bytes, next)
    items.push(read.item)
    next = read.end
  }
  return { item: items, end }
}
