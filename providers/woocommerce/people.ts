/** Names and addresses of people as WooCommerce keeps them: with an order, and with a customer. */
import { filled, postalAddress, type JsonObject } from '../../src/provider/index.js'
import type { Address } from './api.js'

type Named = Partial<Pick<Address, 'first_name' | 'last_name' | 'company'>>

export function nameOf(person: Named | null | undefined): string | undefined {
  return filled(`${filled(person?.first_name) ?? ''} ${filled(person?.last_name) ?? ''}`)
}

export function emailOf(...texts: readonly (string | null | undefined)[]): string | undefined {
  return texts.map(filled).find((text) => text?.includes('@'))
}

export function addressOf(
  address: Address | null | undefined,
  type: 'billing' | 'delivery',
): JsonObject | undefined {
  return postalAddress({
    type,
    name: nameOf(address),
    lines: [address?.company, address?.address_1, address?.address_2],
    city: address?.city,
    region: address?.state,
    postalCode: address?.postcode,
    country: address?.country,
  })
}
