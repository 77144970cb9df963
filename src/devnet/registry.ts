/** The state and the rules of Verida's DID registry contract: which endpoints hold a DID's document. No chain, no gas, no JSON-RPC. */
import { EntryStore } from './entry-store.js'
import { veridaSigner } from './verida-signature.js'

interface Registration {
  readonly controller: string
  readonly endpoints: readonly string[]
  readonly nonce: number
  readonly revoked: boolean
}

/** The contract's own errors, by their names in its interface. */
export class RegistryRevert extends Error {
  override readonly name = 'RegistryRevert'
  constructor(readonly reason: 'InvalidSignature' | 'RevokedDID' | 'UnregisteredDID') {
    super(reason)
  }
}

export interface LookedUp {
  readonly controller: string
  readonly endpoints: readonly string[]
}

/** Addresses are 0x and 40 hex in any case. */
export class DidRegistry {
  readonly #registrations: EntryStore<Registration>

  /** Without a folder registrations live in memory. */
  constructor(folder: string | undefined) {
    this.#registrations = new EntryStore(folder)
  }

  nonce(address: string): number {
    return this.#registrations.get(address.toLowerCase())?.nonce ?? 0
  }

  /** @throws RegistryRevert */
  lookup(address: string): LookedUp {
    const known = this.registered(address)
    return { controller: known.controller, endpoints: known.endpoints }
  }

  activeCount(): number {
    return this.#registrations.entries().filter(([, entry]) => !entry.revoked).length
  }

  addresses(start: number, count: number): readonly string[] {
    return this.#registrations
      .entries()
      .slice(start, start + count)
      .map(([address]) => address)
  }

  /** @throws RegistryRevert unless the controller signed address, endpoints and nonce */
  register(address: string, endpoints: readonly string[], signature: string): void {
    const known = this.#registrations.get(address.toLowerCase())
    if (known?.revoked === true) throw new RegistryRevert('RevokedDID')
    const said = [
      addressBytes(address),
      text('/'),
      ...endpoints.flatMap((endpoint) => [text(endpoint), text('/')]),
    ]
    this.requireSigned(address, said, signature)
    this.save(address, { controller: this.controllerOf(address), endpoints, revoked: false })
  }

  /** @throws RegistryRevert */
  revoke(address: string, signature: string): void {
    this.registered(address)
    this.requireSigned(address, [addressBytes(address), text('/revoke/')], signature)
    this.save(address, { controller: this.controllerOf(address), endpoints: [], revoked: true })
  }

  /** @throws RegistryRevert */
  setController(address: string, controller: string, signature: string): void {
    const known = this.registered(address)
    this.requireSigned(
      address,
      [addressBytes(address), text('/setController/'), addressBytes(controller), text('/')],
      signature,
    )
    this.save(address, { controller: controller.toLowerCase(), endpoints: known.endpoints, revoked: false })
  }

  private registered(address: string): Registration {
    const known = this.#registrations.get(address.toLowerCase())
    if (known === undefined) throw new RegistryRevert('UnregisteredDID')
    if (known.revoked) throw new RegistryRevert('RevokedDID')
    return known
  }

  private controllerOf(address: string): string {
    return this.#registrations.get(address.toLowerCase())?.controller ?? address.toLowerCase()
  }

  /** Solidity's packed encoding of what was said, then the nonce, so that no signature counts twice. */
  private requireSigned(address: string, said: readonly Buffer[], signature: string): void {
    const nonce = Buffer.from(this.nonce(address).toString(16).padStart(64, '0'), 'hex')
    const signer = veridaSigner(Buffer.concat([...said, nonce]), signature)
    if (signer !== this.controllerOf(address)) throw new RegistryRevert('InvalidSignature')
  }

  private save(address: string, facts: Omit<Registration, 'nonce'>): void {
    this.#registrations.set(address.toLowerCase(), { ...facts, nonce: this.nonce(address) + 1 })
  }
}

const text = (value: string): Buffer => Buffer.from(value, 'utf8')
const addressBytes = (address: string): Buffer => Buffer.from(address.slice(2), 'hex')
