/** Records pass or fail as they would at Verida's client, and faults say where. */
import { createRequire } from 'node:module'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { createValidator, pinnedSchemas, schemaUri } from '../../../schemas/index.js'

const post = { schema: 'x', name: 'Hello', uri: 'https://example.org/1', insertedAt: '2024-05-01T10:00:00Z' }
const event = {
  schema: 'x',
  calendarId: 'c',
  start: { dateTime: '2024-05-01T10:00:00+02:00', timezone: '+02:00' },
  attendees: [{ email: 'ada@example.org' }],
}
const email = {
  schema: 'x',
  name: 'Subject',
  type: 'send',
  fromEmail: 'a@example.org',
  toEmail: 'b@example.org',
  messageText: '',
  sentAt: '2024-05-01T10:00:00.123Z',
}
const samples: readonly (readonly [string, object])[] = [
  ['social/post', post],
  ['social/event', event],
  ['social/email', email],
  ['social/following', { schema: 'x', name: 'Ada', followedTimestamp: '2024-05-01T10:00:00Z' }],
  ['social/calendar', { schema: 'x', timezone: '-11:30' }],
  ['file', { schema: 'x', name: 'a.txt', extension: 'txt', mimeType: 'text/plain', size: 0 }],
  ['favourite', { schema: 'x', name: 'a', favouriteType: 'like', contentType: 'video', uri: 'u' }],
]
const wrong: readonly (readonly [string, object, string])[] = [
  ['social/post', { ...post, uri: undefined }, '/uri'],
  ['social/post', { ...post, schema: undefined }, '/schema'],
  ['social/post', { ...post, type: 'poem' }, '/type'],
  ['social/post', { ...post, summary: 'x'.repeat(257) }, '/summary'],
  ['social/post', { ...post, insertedAt: '2024-05-01' }, '/insertedAt'],
  [
    'social/event',
    { ...event, start: { dateTime: '2024-05-01T10:00:00Z', timezone: 'Europe/Paris' } },
    '/start/timezone',
  ],
  ['social/event', { ...event, attendees: [{ email: 'ada@example.org' }, {}] }, '/attendees/1/email'],
  ['social/email', { ...email, toEmail: undefined }, '/toEmail'],
  ['social/calendar', { schema: 'x', name: 'a' }, '/timezone'],
  ['file', { schema: 'x', name: 'a', extension: 'txt', mimeType: 'text/plain', size: 1.5 }, '/size'],
  ['favourite', { schema: 'x', name: 'a', favouriteType: 'like', uri: 'u' }, '/contentType'],
]

describe('createValidator', () => {
  it.each(samples)('%s takes a good record', (short, record) => {
    expect(createValidator(schemaUri(short))(record)).toEqual({ ok: true })
  })
  it.each(samples)('%s takes fields nobody declared', (short, record) => {
    expect(
      createValidator(schemaUri(short))({ ...record, _id: '1', _rev: '1-a', extra: { deep: [1] } }).ok,
    ).toBe(true)
  })
  it.each(wrong)('%s refuses %j at %s', (short, record, path) => {
    const result = createValidator(schemaUri(short))(record)
    expect(result).toMatchObject({ ok: false, errors: [{ path, message: expect.any(String) as string }] })
  })
  it.each([null, 1, 'text', [], undefined])('refuses %j, which is no record', (value) => {
    expect(createValidator(schemaUri('social/post'))(value).ok).toBe(false)
  })
  it('is made once per schema', () => {
    expect(createValidator(schemaUri('file'))).toBe(createValidator(schemaUri('file')))
  })
  it('knows only pinned schemas', () => {
    expect(() => createValidator('https://common.schemas.verida.io/social/poem/v0.1.0/schema.json')).toThrow(
      RangeError,
    )
  })
  it('compiles every pinned schema', () => {
    for (const uri of pinnedSchemas().keys()) expect(createValidator(uri)(null).ok).toBe(false)
  })
})

describe('beside the formats of the real client', () => {
  const veridaRequire = createRequire(
    createRequire(import.meta.url).resolve('@verida/client-ts/package.json'),
  )
  const clientFormats = veridaRequire('ajv-formats') as (ajv: Ajv2020) => Ajv2020
  const texts = [
    '2024-05-01T10:00:00Z', '2024-05-01T10:00:00+02:00', '2024-05-01 10:00:00z', '2024-05-01T10:00:00', '2024-05-01',
    'a b@example.org', 'https://example.org/ü', 'https://example.org/a b', 'urn:x:y', '//example.org', 'example.org/x',
  ] // prettier-ignore
  it.each(['date-time', 'email', 'uri'])('%s is judged alike', (format) => {
    const theirs = clientFormats(new Ajv2020({ strict: false })).compile({ format })
    const fields = { 'date-time': 'sentAt', email: 'email', uri: 'fileUrl' } as const
    const field = fields[format as keyof typeof fields]
    const ours = (text: string) =>
      field === 'sentAt'
        ? createValidator(schemaUri('social/email'))({ ...email, sentAt: text }).ok
        : field === 'email'
          ? createValidator(schemaUri('social/event'))({ ...event, attendees: [{ email: text }] }).ok
          : createValidator(schemaUri('social/event'))({ ...event, attachments: [{ fileUrl: text }] }).ok
    expect(texts.map((text) => [text, ours(text)])).toEqual(texts.map((text) => [text, theirs(text)]))
  })
})
