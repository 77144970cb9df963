import { expect, it } from 'vitest'
import { auditLog, type AuditEntry, type AuditRow } from '../../../../src/store/index.js'
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
    expect(await list({ after: all[0]?.id, limit: 1 })).toEqual(all.slice(1, 2))
    expect(await list({ subject: 'c1' })).toEqual([all[0], all[2]])
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
