/** Our own schemas: good records pass, and what must never get through is refused at the right field. */
import { describe, expect, it } from 'vitest'
import { createValidator, pinnedSchemas, SCHEMA_BASE_URL, schemaUri } from '../../../schemas/index.js'

const source = {
  schema: 'x',
  name: 'One',
  sourceApplication: 'https://books.example',
  sourceAccountId: 'account-1',
  sourceId: 'item-1',
  sourceData: { id: 'item-1' },
  insertedAt: '2026-03-01T09:30:00Z',
  modifiedAt: '2026-03-02T09:30:00.123+01:00',
}
const address = {
  type: 'billing',
  lines: ['1 High Street'],
  city: 'Leeds',
  postalCode: 'LS1 1AA',
  country: 'GB',
}
const good = {
  'finance/account': { ...source, type: 'bank', currency: 'GBP', balance: '-120.50', code: '090' },
  'finance/invoice': {
    ...source,
    type: 'sale',
    status: 'open',
    issueDate: '2026-03-01',
    dueDate: '2026-03-31',
    currency: 'EUR',
    total: '1150.10',
    amountDue: '0.00',
    contactId: 'c-1',
    lines: [{ id: '1', quantity: '2.5', unitPrice: '0.3333', total: '0.83' }],
  },
  'finance/payment': {
    ...source,
    type: 'received',
    status: 'succeeded',
    date: '2026-03-01',
    paidAt: '2026-03-01T09:30:00Z',
    currency: 'JPY',
    amount: '500',
    method: 'card',
    allocations: [{ invoiceId: 'i-1', amount: '500' }],
  },
  'finance/contact': {
    ...source,
    roles: ['customer', 'supplier'],
    email: 'ada@example.org',
    addresses: [address],
  },
  'commerce/order': {
    ...source,
    status: 'completed',
    paymentStatus: 'paid',
    orderedAt: '2026-03-01T09:30:00Z',
    currency: 'KWD',
    total: '5.124',
    shippingAddress: address,
    lines: [{ sku: 'A-1', quantity: '1', total: '5.124' }],
  },
  'commerce/product': {
    ...source,
    status: 'active',
    price: '12.00',
    variants: [{ id: 'v-1', price: '12.00', quantity: '-3' }],
  },
  'commerce/customer': {
    ...source,
    email: 'ada@example.org',
    ordersCount: 3,
    totalSpent: '36.00',
    currency: 'USD',
  },
  'crm/company': {
    ...source,
    domain: 'example.org',
    employees: 12,
    annualRevenue: '100000',
    addresses: [address],
  },
  'crm/deal': {
    ...source,
    status: 'open',
    amount: '1200.00',
    currency: 'USD',
    probability: 0.4,
    closeDate: '2026-05-01',
  },
  'data/row': {
    ...source,
    collection: 'public.orders',
    keys: ['id'],
    row: { id: '9007199254740993', note: null, tags: ['a'] },
  },
  'file/chunk': {
    ...source,
    fileId: 'f'.repeat(32),
    index: 0,
    offset: 0,
    length: 3,
    sha256: '0'.repeat(64),
    bytes: 'AAAA',
  },
} as const
type Short = keyof typeof good
const shorts = Object.keys(good) as Short[]

const bad: readonly (readonly [string, Short, object, string])[] = [
  ['money as a number', 'finance/invoice', { total: 1150.1 }, '/total'],
  ['money with a symbol', 'finance/invoice', { total: '€1150.10' }, '/total'],
  ['money with a comma', 'finance/payment', { amount: '1,150.10' }, '/amount'],
  ['money with an exponent', 'finance/payment', { amount: '1e3' }, '/amount'],
  ['money with leading zeros', 'finance/payment', { amount: '007' }, '/amount'],
  ['money that is empty', 'finance/account', { balance: '' }, '/balance'],
  ['money of a line as a number', 'finance/invoice', { lines: [{ total: 1 }] }, '/lines/0/total'],
  [
    'a price of a variant as a number',
    'commerce/product',
    { variants: [{ id: 'v', price: 1 }] },
    '/variants/0/price',
  ],
  ['a quantity as a number', 'commerce/order', { lines: [{ quantity: 1 }] }, '/lines/0/quantity'],
  ['a currency by name', 'finance/invoice', { currency: 'Euro' }, '/currency'],
  ['a currency in small letters', 'commerce/order', { currency: 'eur' }, '/currency'],
  ['no currency beside money', 'finance/payment', { currency: undefined }, '/currency'],
  ['a time without a zone', 'commerce/order', { orderedAt: '2026-03-01T09:30:00' }, '/orderedAt'],
  ['a time with a space', 'finance/payment', { paidAt: '2026-03-01 09:30:00Z' }, '/paidAt'],
  ['a time that is no time', 'crm/deal', { closedAt: '2026-13-01T09:30:00Z' }, '/closedAt'],
  ['an insertion without a zone', 'data/row', { insertedAt: '2026-03-01T09:30:00' }, '/insertedAt'],
  ['a date that is a moment', 'finance/invoice', { issueDate: '2026-03-01T00:00:00Z' }, '/issueDate'],
  ['a date that does not exist', 'finance/invoice', { dueDate: '2026-02-30' }, '/dueDate'],
  ['an unknown status', 'finance/invoice', { status: 'AUTHORISED' }, '/status'],
  ['an unknown role', 'finance/contact', { roles: ['friend'] }, '/roles/0'],
  ['a country by name', 'finance/contact', { addresses: [{ country: 'Germany' }] }, '/addresses/0/country'],
  ['an address without an at sign', 'finance/contact', { email: 'ada' }, '/email'],
  ['half an order', 'commerce/customer', { ordersCount: 1.5 }, '/ordersCount'],
  ['a chance above one', 'crm/deal', { probability: 40 }, '/probability'],
  ['a row that is a list', 'data/row', { row: [1] }, '/row'],
  ['a row from nowhere', 'data/row', { collection: '' }, '/collection'],
  [
    'an allocation without its invoice',
    'finance/payment',
    { allocations: [{ amount: '1' }] },
    '/allocations/0/invoiceId',
  ],
  ['bytes that are no base64', 'file/chunk', { bytes: '<a>' }, '/bytes'],
  ['no bytes', 'file/chunk', { bytes: '' }, '/bytes'],
  ['a chunk that is too long', 'file/chunk', { length: 737_281 }, '/length'],
  ['a checksum of another kind', 'file/chunk', { sha256: 'md5' }, '/sha256'],
  ['a summary that is too long', 'crm/company', { summary: 'x'.repeat(257) }, '/summary'],
]

describe('our own schemas', () => {
  it('are these', () => {
    const own = [...pinnedSchemas().keys()].filter((uri) => uri.startsWith(SCHEMA_BASE_URL))
    const records = own.filter((uri) => !uri.startsWith(`${SCHEMA_BASE_URL}value/`))
    expect(records).toEqual(shorts.map((short) => `${SCHEMA_BASE_URL}${short}/v0.1.0/schema.json`).sort())
    expect(shorts.map(schemaUri).sort()).toEqual(records)
  })

  it.each(shorts)('%s takes a good record, and fields nobody declared', (short) => {
    const validate = createValidator(schemaUri(short))
    expect(validate(good[short])).toEqual({ ok: true })
    expect(validate({ ...good[short], extra: { deep: [1] } })).toEqual({ ok: true })
  })

  it.each(shorts)('%s demands every required field, the ids among them', (short) => {
    const required = ['schema', ...ownPart(short).required]
    expect(required).toEqual(expect.arrayContaining(['name', 'sourceId', 'sourceAccountId']))
    // Rows of a table seldom say when they came to be, parts of a file never.
    expect(required.includes('insertedAt')).toBe(short !== 'data/row' && short !== 'file/chunk')
    for (const field of required) {
      const record = { ...good[short], [field]: undefined }
      expect(refusals(short, record)).toContain(`/${field}`)
    }
    for (const id of ['sourceId', 'sourceAccountId']) {
      expect(refusals(short, { ...good[short], [id]: '' })).toContain(`/${id}`)
      expect(refusals(short, { ...good[short], [id]: 7 })).toContain(`/${id}`)
    }
  })

  it.each(bad)('%s is refused (%s)', (_what, short, change, path) => {
    expect(refusals(short, { ...good[short], ...change })).toContain(path)
  })

  it.each(shorts)('%s says what each field is, and indexes only fields that it has', (short) => {
    const { properties } = ownPart(short)
    expect(Object.entries(properties).filter(([, field]) => !field.description)).toEqual([])
    const database = pinnedSchemas().get(schemaUri(short))?.database
    expect(database?.name).toBe(short.replace('/', '_'))
    const indexed = Object.values(database?.indexes ?? {}).flat()
    expect(indexed.filter((field) => !(field in properties) && field !== 'sourceApplication')).toEqual([])
  })
})

interface OwnPart {
  readonly required: readonly string[]
  readonly properties: Readonly<Record<string, { readonly description?: string }>>
}

function ownPart(short: Short): OwnPart {
  const parts = pinnedSchemas().get(schemaUri(short))?.['allOf'] as readonly unknown[]
  return parts.at(-1) as OwnPart
}

function refusals(short: Short, record: object): readonly string[] {
  const result = createValidator(schemaUri(short))(record)
  return result.ok ? [] : result.errors.map(({ path }) => path)
}
