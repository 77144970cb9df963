import { expect, it } from 'vitest'
import { auditedTenants, verifyAudit } from '../../../src/connectors/index.js'
import { asRequest } from '../../../src/lib/request-origin.js'
import { auditLog, type AuditFault } from '../../../src/store/index.js'
import { NOW } from '../../support/store-rows.js'
import { onEveryStore } from '../../support/store-suite.js'

await onEveryStore('the chain of the audit log', (store) => {
  const append = (tenant: string, at = 0): Promise<void> =>
    store().tenant(tenant, (tx) =>
      auditLog.append(tx, {
        tenant,
        actor: 'user:ann',
        action: 'connector.updated',
        subject: `connector:${at}`,
        facts: { at, 'Ünïcode "x"': [1.5, null, true] },
        nowMs: NOW + at,
      }),
    )
  /** As somebody who owns the database: past the triggers and the policies. */
  const tamper = (text: string) =>
    store().raw(`begin;
      select set_config('app.scope', 'node', true);
      alter table audit_log disable trigger user;
      alter table audit_heads disable trigger user;
      ${text};
      alter table audit_log enable trigger user;
      alter table audit_heads enable trigger user;
      commit`)
  async function logOf(tenant: string, rows = 6): Promise<void> {
    for (let at = 1; at <= rows; at++)
      await asRequest({ address: '192.0.2.1', requestId: 'r' }, () => append(tenant, at))
  }
  const places = (faults: readonly AuditFault[]) => faults.map(({ kind, position }) => [kind, position])

  it('holds over rows as they were written, for each tenant by itself', async () => {
    await logOf('first', 5)
    await logOf('second', 3)
    expect(await verifyAudit(store(), 'first')).toMatchObject({
      valid: true,
      rows: 5,
      head: { position: 5 },
      faults: [],
    })
    expect(await verifyAudit(store(), 'second')).toMatchObject({
      valid: true,
      rows: 3,
      head: { position: 3 },
    })
    expect(await verifyAudit(store(), 'nobody')).toEqual({ valid: true, rows: 0, head: null, faults: [] })
    expect(await auditedTenants(store())).toEqual(expect.arrayContaining(['first', 'second']))
  })

  it('is one chain without gaps, however many write at once, also when some of them fail', async () => {
    await Promise.all(
      Array.from({ length: 30 }, (_, at) =>
        at % 5 === 0
          ? store()
              .tenant('busy', async (tx) => {
                await auditLog.append(tx, {
                  tenant: 'busy',
                  actor: 'a',
                  action: 'x',
                  subject: 's',
                  facts: {},
                  nowMs: NOW,
                })
                throw new Error('undone')
              })
              .catch(() => undefined)
          : append('busy', at),
      ),
    )
    expect(await verifyAudit(store(), 'busy')).toMatchObject({
      valid: true,
      rows: 24,
      head: { position: 24 },
    })
  })

  it.each([
    'update audit_log set actor = actor',
    'delete from audit_log',
    'truncate audit_log',
    'delete from audit_heads',
    'truncate audit_heads',
  ])('is kept from its own owner: %s', async (text) => {
    await append('kept')
    const tried = store().raw(`begin; select set_config('app.scope', 'node', true); ${text}; commit`)
    await expect(tried).rejects.toMatchObject({ code: '42501' })
    expect(await verifyAudit(store(), 'kept')).toMatchObject({ valid: true })
  })

  it.each([
    ['facts', `facts = '{"at": 4}'`],
    ['actor', `actor = 'user:bob'`],
    ['action', `action = 'connector.deleted'`],
    ['subject', `subject = 'connector:9'`],
    ['time', 'at_ms = at_ms + 1'],
    ['address', `address = '192.0.2.2'`],
    ['missing address', 'address = null'],
    ['request', `request_id = 'q'`],
    ['hash', `hash = repeat('a', 64)`],
  ])('names a row whose %s was changed', async (what, change) => {
    const tenant = `changed ${what}`
    await logOf(tenant)
    await tamper(`update audit_log set ${change} where tenant = '${tenant}' and position = 3`)
    const { valid, faults } = await verifyAudit(store(), tenant)
    expect(valid).toBe(false)
    // The row after a forged hash does not follow on it either.
    expect(places(faults)).toEqual(
      what === 'hash'
        ? [
            ['changed', 3],
            ['changed', 4],
          ]
        : [['changed', 3]],
    )
    expect(faults[0]?.id).toBeTypeOf('number')
  })

  it('names a row that was changed and hashed anew, by the one after it', async () => {
    await logOf('rehashed')
    await tamper(`update audit_log set actor = 'user:bob' where tenant = 'rehashed' and position = 3;
      update audit_log as entry set hash = audit_hash((select hash from audit_log where tenant = 'rehashed' and position = 2), entry)
      where tenant = 'rehashed' and position = 3`)
    expect(places((await verifyAudit(store(), 'rehashed')).faults)).toEqual([['changed', 4]])
  })

  it('names rows that were removed: in the middle, at the beginning, at the end', async () => {
    for (const [tenant, gone] of [
      ['middle', [3, 4]],
      ['beginning', [1]],
      ['end', [5, 6]],
      ['all', [1, 2, 3, 4, 5, 6]],
    ] as const) {
      await logOf(tenant)
      await tamper(`delete from audit_log where tenant = '${tenant}' and position in (${gone.join()})`)
      const { valid, faults } = await verifyAudit(store(), tenant)
      expect([valid, places(faults)]).toEqual([false, gone.map((position) => ['removed', position])])
    }
  })

  it('names rows that changed places, and one that was put in', async () => {
    await logOf('moved')
    await tamper(`update audit_log set position = -1 where tenant = 'moved' and position = 2;
      update audit_log set position = 2 where tenant = 'moved' and position = 5;
      update audit_log set position = 5 where tenant = 'moved' and position = -1`)
    // What follows on each of them does not either.
    expect(places((await verifyAudit(store(), 'moved')).faults)).toEqual(
      [2, 3, 5, 6].map((at) => ['changed', at]),
    )
    await logOf('added')
    await tamper(`insert into audit_log (tenant, position, at_ms, actor, action, subject, facts, hash)
      values ('added', 7, 1, 'a', 'x', 's', '{}', repeat('b', 64))`)
    expect(places((await verifyAudit(store(), 'added')).faults)).toEqual([
      ['changed', 7],
      ['changed', 7],
    ])
  })

  it('tells of an end that was taken away or put back', async () => {
    await logOf('headless', 2)
    await tamper(`delete from audit_heads where tenant = 'headless'`)
    expect(places((await verifyAudit(store(), 'headless')).faults)).toEqual([['headless', 2]])
    await logOf('short', 3)
    await tamper(`delete from audit_log where tenant = 'short' and position = 3;
      update audit_heads set position = 2, hash = (select hash from audit_log where tenant = 'short' and position = 2) where tenant = 'short'`)
    // Only who kept the end elsewhere sees that.
    expect(await verifyAudit(store(), 'short')).toMatchObject({ valid: true, head: { position: 2 } })
  })

  it('goes over pages', async () => {
    const many = `select set_config('app.scope', 'node', true);
      insert into audit_log (tenant, at_ms, actor, action, subject, facts)
      select 'long', n, 'a', 'x', 's', '{}' from generate_series(1, 4500) as n`
    const started = performance.now()
    await store().raw(`begin; ${many}; commit`)
    const written = performance.now()
    expect(await verifyAudit(store(), 'long')).toMatchObject({ valid: true, rows: 4_500 })
    const [write, read] = [written - started, performance.now() - written]
    process.stdout.write(
      `${store().dialect}: 4,500 rows chained in ${write.toFixed(0)} ms, checked in ${read.toFixed(0)} ms\n`,
    )
    await tamper(`delete from audit_log where tenant = 'long' and position = 2000`)
    expect(places((await verifyAudit(store(), 'long')).faults)).toEqual([['removed', 2_000]])
  }, 60_000)
})
