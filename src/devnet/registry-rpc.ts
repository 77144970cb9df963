/** The DID registry behind Ethereum's JSON-RPC, as far as ethers 5 calls it: every transaction is mined at once, for nothing. */
import express, { Router } from 'express'
import { readTransaction } from './ethereum-transaction.js'
import { callRegistry, changesState, revertData } from './registry-calls.js'
import { RegistryRevert, type DidRegistry } from './registry.js'

/** Polygon Mumbai, the chain of Verida's networks testnet and devnet. */
const CHAIN_ID = 0x13881
const ZERO_HASH = `0x${'0'.repeat(64)}`
const ZERO_ADDRESS = `0x${'0'.repeat(40)}`
/** How many receipts are remembered. */
const MAX_RECEIPTS = 1_000

interface Mined {
  readonly hash: string
  readonly to: string
  readonly block: number
}

type Params = readonly unknown[]

export function registryRpc(registry: DidRegistry): Router {
  const chain = new Chain(registry)
  const router = Router()
  router.post('/', express.json({ limit: '1mb', type: () => true }), (request, response) => {
    const body: unknown = request.body
    response.json(Array.isArray(body) ? body.map((call) => chain.answer(call)) : chain.answer(body))
  })
  return router
}

class Chain {
  readonly #registry: DidRegistry
  readonly #mined = new Map<string, Mined>()
  // Block numbers must go on after a restart: ethers refuses a chain that runs backwards.
  #block = Math.floor(Date.now() / 1000)

  constructor(registry: DidRegistry) {
    this.#registry = registry
  }

  /** https://www.jsonrpc.org/specification */
  answer(call: unknown): object {
    const {
      id = null,
      method,
      params = [],
    } = (call ?? {}) as { id?: unknown; method?: unknown; params?: unknown }
    const reply = { jsonrpc: '2.0', id }
    try {
      return { ...reply, result: this.run(String(method), Array.isArray(params) ? params : []) }
    } catch (thrown) {
      if (thrown instanceof RegistryRevert)
        return { ...reply, error: { code: 3, message: 'execution reverted', data: revertData(thrown) } }
      if (thrown instanceof RangeError) return { ...reply, error: { code: -32602, message: thrown.message } }
      throw thrown
    }
  }

  private run(method: string, params: Params): unknown {
    switch (method) {
      case 'eth_chainId':
        return hex(CHAIN_ID)
      case 'net_version':
        return String(CHAIN_ID)
      case 'eth_blockNumber':
        return hex(this.#block)
      case 'eth_getBlockByNumber':
        return this.block(params[0])
      case 'eth_gasPrice':
        return hex(1)
      case 'eth_estimateGas':
        return hex(100_000)
      case 'eth_getBalance':
        return hex(10 ** 15)
      case 'eth_getTransactionCount':
        return hex(this.#mined.size)
      case 'eth_getCode':
        return '0x01'
      case 'eth_call':
        return this.call(params[0])
      case 'eth_sendRawTransaction':
        return this.send(String(params[0]))
      case 'eth_getTransactionReceipt':
        return this.receipt(String(params[0]))
      case 'eth_getTransactionByHash':
        return this.transaction(String(params[0]))
      default:
        throw new RangeError(`the method ${method} does not exist`)
    }
  }

  private call(request: unknown): string {
    const data = (request as { data?: unknown } | undefined)?.data
    if (typeof data !== 'string') throw new RangeError('a call needs data')
    if (changesState(data)) throw new RangeError('this call needs a transaction')
    return callRegistry(this.#registry, data)
  }

  private send(raw: string): string {
    const { hash, to, data } = readTransaction(raw)
    callRegistry(this.#registry, data)
    this.#block += 1
    this.#mined.set(hash, { hash, to, block: this.#block })
    if (this.#mined.size > MAX_RECEIPTS) this.#mined.delete([...this.#mined.keys()][0] ?? '')
    return hash
  }

  private block(tag: unknown): object {
    const number = typeof tag === 'string' && tag.startsWith('0x') ? Number(tag) : this.#block
    return {
      number: hex(number),
      hash: blockHash(number),
      parentHash: blockHash(number - 1),
      timestamp: hex(Math.floor(Date.now() / 1000)),
      nonce: '0x0000000000000000',
      difficulty: '0x0',
      gasLimit: hex(30_000_000),
      gasUsed: '0x0',
      miner: ZERO_ADDRESS,
      extraData: '0x',
      transactions: [],
    }
  }

  private receipt(hash: string): object | null {
    const mined = this.#mined.get(hash)
    if (mined === undefined) return null
    return {
      transactionHash: hash,
      transactionIndex: '0x0',
      blockHash: blockHash(mined.block),
      blockNumber: hex(mined.block),
      from: ZERO_ADDRESS,
      to: mined.to,
      contractAddress: null,
      cumulativeGasUsed: '0x0',
      gasUsed: '0x0',
      effectiveGasPrice: '0x1',
      logs: [],
      logsBloom: `0x${'0'.repeat(512)}`,
      status: '0x1',
      type: '0x0',
    }
  }

  private transaction(hash: string): object | null {
    const mined = this.#mined.get(hash)
    if (mined === undefined) return null
    return {
      hash,
      blockHash: blockHash(mined.block),
      blockNumber: hex(mined.block),
      transactionIndex: '0x0',
      from: ZERO_ADDRESS,
      to: mined.to,
      nonce: '0x0',
      gas: '0x0',
      gasPrice: '0x1',
      value: '0x0',
      input: '0x',
      r: ZERO_HASH,
      s: ZERO_HASH,
      v: '0x0',
    }
  }
}

const hex = (value: number): string => `0x${value.toString(16)}`
/** Distinct per block; nothing checks more. */
const blockHash = (number: number): string => `0x${Math.max(0, number).toString(16).padStart(64, '0')}`
