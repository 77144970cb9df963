/** Addresses as Shopify keeps them. https://shopify.dev/docs/api/admin-graphql/latest/objects/MailingAddress */
import { postalAddress, type JsonObject } from '../../src/provider/index.js'
import type { Address } from './api.js'

export const ADDRESS = 'name company address1 address2 city province zip countryCodeV2 phone'

export function addressOf(
  address: Address | null | undefined,
  type: 'billing' | 'delivery' | 'postal',
): JsonObject | undefined {
  return postalAddress({
    type,
    name: address?.name,
    lines: [address?.company, address?.address1, address?.address2],
    city: address?.city,
    region: address?.province,
    postalCode: address?.zip,
    country: address?.countryCodeV2,
  })
}
