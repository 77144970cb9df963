import { expect, it } from 'vitest'
import { auditLog, type AuditEntry, type AuditRow } from '../../../../src/store/index.js'
import { asRequest } from '../../../../src/lib/request-origin.js'
import { NOW } from '../../../support/store-rows.js'
import { onEveryStore } from '../../../support/store-suite.js'

await onEveryStore('the audit log', (store) => {
  const entry = (facts: Partial<AuditEntry> = {}): AuditEntry => ({
    tenant: 'one',
    actor: 'user:someone',
    action: 'connector.created',
    subject: 'c1',
    facts: { fields: ['displayName'], odd: 'a\0b' },
    nowMs: NOW,
    ...facts,
  })
  const append = (row: AuditEntry) => store().tenant(row.tenant, (tx) => auditLog.append(tx, row))
  const list = (page = {}, tenant = 'one'): Promise<readonly AuditRow[]> =>
    store().tenant(tenant, (tx) => auditLog.list(tx, page))

  it('keeps what was done, in order and in pages, of one subject when asked', async () => {
    for (const subject of ['c1', 'c2', 'c1']) await append(entry({ subject }))
    const all = await list()
    expect(all.map(({ subject }) => subject)).toEqual(['c1', 'c2', 'c1'])
    expect(all[0]).toMatchObject({ atMs: NOW, facts: { fields: ['displayName'], odd: 'a\uFFFDb' } })
    expect(await list({ after: all[0]?.position, limit: 1 })).toEqual(all.slice(1, 2))
    expect(await list({ subject: 'c1' })).toEqual([all[0], all[2]])
  })

  it('finds by who, by what and by when', async () => {
    const own = (facts: Partial<AuditEntry>): AuditEntry => entry({ tenant: 'finds', ...facts })
    await append(own({ actor: 'user:ann', nowMs: NOW }))
    await append(own({ actor: 'user:bob', action: 'connector.paused', nowMs: NOW + 10 }))
    await append(own({ actor: 'user:bob', nowMs: NOW + 20 }))
    const positions = async (page: object) => (await list(page, 'finds')).map(({ position }) => position)
    expect(await positions({ actor: 'user:bob' })).toEqual([2, 3])
    expect(await positions({ action: 'connector.paused' })).toEqual([2])
    expect(await positions({ sinceMs: NOW + 10, untilMs: NOW + 20 })).toEqual([2])
    expect(await positions({ actor: 'user:ann', action: 'connector.paused' })).toEqual([])
  })

  it('keeps where the request came from, and nothing for the node’s own work', async () => {
    const origin = { address: '192.0.2.7', requestId: 'r-1' }
    await asRequest(origin, () => append(entry({ tenant: 'from' })))
    await append(entry({ tenant: 'from' }))
    const [asked, own] = await list({}, 'from')
    expect(asked).toMatchObject(origin)
    expect(own).toMatchObject({ address: null, requestId: null })
  })

  it('tells only of what was done: it goes with its transaction', async () => {
    const failing = store().tenant('two', async (tx) => {
      await auditLog.append(tx, entry({ tenant: 'two' }))
      throw new Error('not done')
    })
    await expect(failing).rejects.toThrow('not done')
    expect(await list({}, 'two')).toEqual([])
  })
})
