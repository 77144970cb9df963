/** Addresses come out without empty parts, and with a code where there is one. */
import { expect, it } from 'vitest'
import { createValidator, SCHEMA_BASE_URL } from '../../../schemas/index.js'
import { filled, postalAddress } from '../../../src/provider/index.js'

const isAddress = createValidator(`${SCHEMA_BASE_URL}value/address/v0.1.0/schema.json`)

it.each([
  [
    { type: 'billing', lines: ['1 High Street', '', null, ' Flat 2 '], city: 'Leeds', country: 'gb' },
    { type: 'billing', lines: ['1 High Street', 'Flat 2'], city: 'Leeds', country: 'GB' },
  ],
  [
    { name: 'Ada', country: 'United Kingdom' },
    { name: 'Ada', countryName: 'United Kingdom' },
  ],
  [
    { region: 'CA', postalCode: '94326' },
    { region: 'CA', postalCode: '94326' },
  ],
] as const)('%j is %j', (parts, address) => {
  expect(postalAddress(parts)).toEqual(address)
  expect(isAddress(postalAddress(parts))).toEqual({ ok: true })
})

it.each([{}, { type: 'postal' as const }, { lines: ['', null, ' '], city: '', country: undefined }])(
  '%j is none',
  (parts) => {
    expect(postalAddress(parts)).toBeUndefined()
  },
)

it('a text is filled when more than blanks is in it', () => {
  expect([' a ', '', ' \n', null, undefined].map(filled)).toEqual([
    'a',
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})
