/** The DID registry contract's interface: call data in, return data out. Holds no state. */
import { Interface } from '@ethersproject/abi'
import type { RegistryRevert } from './registry.js'
import { type DidRegistry } from './registry.js'

/** As deployed on Polygon; only what Verida's clients call. */
const contract = new Interface([
  'function nonce(address didAddress) view returns (uint256)',
  'function lookup(address didAddress) view returns (address, string[])',
  'function getController(address didAddress) view returns (address)',
  'function activeDIDCount() view returns (uint256)',
  'function getDIDs(uint256 startIndex, uint256 count) view returns (address[])',
  'function register(address didAddress, string[] endpoints, bytes signature)',
  'function revoke(address didAddress, bytes signature)',
  'function setController(address didAddress, address controller, bytes signature)',
  'error InvalidSignature()',
  'error RevokedDID()',
  'error UnregisteredDID()',
])

/** Runs a call on the registry. @returns the return data, 0x hex @throws RegistryRevert, or RangeError for a function it does not have */
export function callRegistry(registry: DidRegistry, data: string): string {
  const { name, args } = parsed(data)
  const returns = (values: readonly unknown[]): string => contract.encodeFunctionResult(name, values)
  switch (name) {
    case 'nonce':
      return returns([registry.nonce(textAt(args, 0))])
    case 'lookup': {
      const { controller, endpoints } = registry.lookup(textAt(args, 0))
      return returns([controller, endpoints])
    }
    case 'getController':
      return returns([registry.lookup(textAt(args, 0)).controller])
    case 'activeDIDCount':
      return returns([registry.activeCount()])
    case 'getDIDs':
      return returns([registry.addresses(Number(args[0]), Number(args[1]))])
    case 'register':
      registry.register(textAt(args, 0), args[1] as readonly string[], textAt(args, 2))
      return '0x'
    case 'revoke':
      registry.revoke(textAt(args, 0), textAt(args, 1))
      return '0x'
    case 'setController':
      registry.setController(textAt(args, 0), textAt(args, 1), textAt(args, 2))
      return '0x'
    default:
      throw new RangeError(`the registry has no function ${name}`)
  }
}

/** Whether this call changes state. */
export function changesState(data: string): boolean {
  return ['register', 'revoke', 'setController'].includes(parsed(data).name)
}

/** A revert as a chain reports it: the error's selector. */
export const revertData = (revert: RegistryRevert): string => contract.getSighash(revert.reason)

function parsed(data: string): { readonly name: string; readonly args: readonly unknown[] } {
  try {
    const { name, args } = contract.parseTransaction({ data })
    return { name, args: args }
  } catch (cause) {
    throw new RangeError('not a call of the registry', { cause })
  }
}

const textAt = (args: readonly unknown[], index: number): string => String(args[index])
