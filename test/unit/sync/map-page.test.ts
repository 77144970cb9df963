import { describe, expect, it } from 'vitest'
import { mapPage } from '../../../src/sync/map-page.js'
import { validatePage } from '../../../src/sync/validate-page.js'
import { POST_SCHEMA, postStream, testJob } from '../../support/sync-job.js'

const stream = postStream(() => Promise.reject(new Error('not used')))
const token = 'EAAB-live-token-123456'
const job = testJob([stream], { liveTokens: () => [token] })
const good = { id: '1', at: '2024-01-02T03:04:05Z', text: 'hello' }

describe('mapping a page', () => {
  it('adds the node’s own fields, from the source and never from now', () => {
    const [mapped] = mapPage(job, stream, [good]).records
    expect(mapped).toEqual({
      sourceId: '1',
      characters: JSON.stringify(mapped?.record).length,
      record: {
        name: 'hello',
        type: 'status',
        uri: 'https://x.test/1',
        schema: POST_SCHEMA,
        sourceApplication: 'https://x.test',
        sourceAccountId: '1',
        sourceId: '1',
        sourceData: good,
        insertedAt: good.at,
        modifiedAt: good.at,
      },
    })
  })

  it('sets aside what cannot be read, with paths and without values, and keeps the rest', () => {
    const page = mapPage(job, stream, [null, 'text', { id: 5, at: 'SECRET' }, good])
    expect(page.records).toHaveLength(1)
    expect(page.rejected).toHaveLength(3)
    expect(page.rejected.map((rejected) => rejected.reason).join()).not.toContain('SECRET')
    expect(page.rejected[2]?.reason).toContain('id:')
  })

  it('keeps no credential in the raw source', () => {
    const raw = {
      ...good,
      access_token: token,
      next: `https://x.test/p?access_token=abc&after=1`,
      nested: { note: `see ${token}` },
    }
    const text = JSON.stringify(mapPage(job, stream, [raw]).records)
    expect(text).not.toContain(token)
    expect(text).not.toContain('access_token=abc')
    expect(text).toContain('after=1')
  })

  it('replaces lone surrogates and survives a member named __proto__', () => {
    const raw = JSON.parse(
      '{"id":"1","at":"2024-01-02T03:04:05Z","text":"a\\ud800b","__proto__":{"polluted":true}}',
    ) as unknown
    const [mapped] = mapPage(job, stream, [raw]).records
    expect(mapped?.record['name']).toBe('a\uFFFDb')
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })
})

describe('validating a page', () => {
  it('lets through what the schema takes and sets the rest aside under its source id', () => {
    const page = mapPage(job, stream, [good, { id: '2', at: 'not a time' }])
    const checked = validatePage(POST_SCHEMA, page)
    expect(checked.valid.map((record) => record.sourceId)).toEqual(['1'])
    expect(checked.rejected).toMatchObject([{ sourceId: '2' }])
    expect(checked.rejected[0]?.reason).toContain('insertedAt')
  })

  it('sets aside a record that no storage node would take', () => {
    const page = mapPage(job, stream, [{ ...good, text: 'x'.repeat(4_100_000) }])
    expect(validatePage(POST_SCHEMA, page).rejected).toMatchObject([{ reason: 'TOO_LARGE' }])
  })
})
