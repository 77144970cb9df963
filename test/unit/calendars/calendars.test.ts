/** What is done for calendars later, and what becomes of links: outbox, retries, expiry, keys. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SubaccountView } from '../../../src/calendars/index.js'
import { resealCredentials } from '../../../src/connectors/index.js'
import { generateKey, parseKeyRing } from '../../../src/credentials/key-ring.js'
import { Redacted } from '../../../src/lib/redacted.js'
import { auditLog, connectors } from '../../../src/store/index.js'
import { startSilentServer } from '../../support/mail-server.js'
import { CALLER, HOUR_MS, openCalendarBench, type CalendarBench } from './bench.js'

const MINUTE_MS = 60_000
let bench: CalendarBench
beforeAll(async () => {
  bench = await openCalendarBench()
})
afterAll(() => bench.close())

let made = 0
/** Of its own for each test. */
async function subaccount(): Promise<string> {
  const id = `unit-${(made += 1)}`
  await bench.calendars().add(CALLER, id)
  return id
}
const wish = (subaccountId: string) => ({
  subaccountId,
  userEmail: `person-of-${subaccountId}@people.example`,
})
const show = (id: string): Promise<SubaccountView> => bench.calendars().get(CALLER, id)
const outbox = async () =>
  (await bench.store.raw('select kind, tries, last_error_code as error from calendar_outbox order by kind'))
    .rows
async function auditOf(id: string): Promise<readonly unknown[]> {
  const [calendar] = (await show(id)).calendars
  const page = { subject: `connector:${calendar?.connectorId ?? ''}`, limit: 50 }
  const rows = await bench.store.tenant('acme', (tx) => auditLog.list(tx, page))
  return rows.map(({ action, facts }) => [action, facts])
}

describe('metadata', () => {
  it('that cannot be set is tried until it can; the person is connected and waits for nothing', async () => {
    const id = await subaccount()
    const { authUrl } = await bench.calendars('nowhere').invite(CALLER, wish(id))
    await bench.store.raw(
      `alter table connector_credentials add constraint refused check (field <> 'metadata') not valid`,
    )
    expect(await bench.connect(authUrl, 'a@gmail.com')).toBe('connected')
    expect(await bench.work('metadata')).toBe(1)
    expect(await outbox()).toEqual([{ kind: 'metadata', tries: 1, error: 'INTERNAL' }])
    expect(await show(id)).toMatchObject({
      metadata: null,
      calendars: [{ status: 'active', metadata: null }],
    })
    // Not before its time.
    expect(await bench.work('metadata')).toBe(0)
    bench.clock.add(2_000)
    expect(await bench.work('metadata')).toBe(1)
    expect(await outbox()).toEqual([{ kind: 'metadata', tries: 2, error: 'INTERNAL' }])
    await bench.store.raw('alter table connector_credentials drop constraint refused')
    bench.clock.add(MINUTE_MS)
    expect(await bench.work('metadata')).toBe(1)
    expect(await outbox()).toEqual([])
    const { metadata, calendars } = await show(id)
    expect(metadata).toMatchObject({
      calendarId: calendars[0]?.calendarId,
      userEmail: wish(id).userEmail,
      googleEmail: 'a@gmail.com',
      isConnected: true,
    })
    // Of when it was connected, and of when it was set.
    expect(Date.parse(metadata?.updatedAt ?? '')).toBeGreaterThan(
      Date.parse(metadata?.connectedAt ?? '') + 61_000,
    )
  })

  it('says that it is not connected when Google has ended the grant, or it was disconnected before it was set', async () => {
    const id = await subaccount()
    const { authUrl } = await bench.calendars('nowhere').invite(CALLER, wish(id))
    await bench.connect(authUrl, 'b@gmail.com')
    await bench.work('metadata')
    const [calendar] = (await show(id)).calendars
    const status = { status: 'reconnect_needed', nowMs: bench.clock.now() } as const
    await bench.store.tenant('acme', (tx) => connectors.update(tx, calendar?.connectorId ?? '', status))
    expect(await show(id)).toMatchObject({
      metadata: null,
      calendars: [{ metadata: { isConnected: false } }],
    })
    const again = await bench.calendars('nowhere').invite(CALLER, wish(id))
    await bench.connect(again.authUrl, 'b@gmail.com')
    expect(await show(id)).toMatchObject({ metadata: { googleEmail: 'b@gmail.com', isConnected: true } })
    await bench.calendars().disconnect(CALLER, id)
    expect(await bench.work('metadata')).toBe(0)
    expect(await show(id)).toMatchObject({ metadata: null, calendars: [] })
  })
})

describe('a mail', () => {
  it('that the server did not take comes later, once, with the link that was answered', async () => {
    const id = await subaccount()
    bench.mail.setFault('later')
    const { emailSent, authUrl } = await bench.calendars().invite(CALLER, wish(id))
    expect(emailSent).toBe(false)
    expect(await outbox()).toEqual([{ kind: 'mail', tries: 1, error: 'MAIL_DOWN' }])
    bench.clock.add(MINUTE_MS + 1)
    expect(await bench.work('mail')).toBe(1)
    bench.mail.setFault(undefined)
    bench.clock.add(MINUTE_MS + 1)
    // After the second failure it waits longer.
    expect(await bench.work('mail')).toBe(0)
    bench.clock.add(MINUTE_MS)
    expect(await bench.work('mail')).toBe(1)
    const letter = await bench.mail.next()
    expect([letter.to, letter.text.includes(authUrl)]).toEqual([[wish(id).userEmail], true])
    expect((await show(id)).calendars[0]?.mailedAtMs).not.toBeNull()
    bench.clock.add(HOUR_MS)
    expect(await bench.work('mail')).toBe(0)
  })

  it('to an address that is refused for good is given up, and the log of what was done says why', async () => {
    const id = await subaccount()
    bench.mail.setFault('refused')
    const { emailSent } = await bench.calendars().invite(CALLER, wish(id))
    bench.mail.setFault(undefined)
    expect([emailSent, await outbox()]).toEqual([false, []])
    expect(await auditOf(id)).toContainEqual(['calendar.not_mailed', { reason: 'MAIL_REFUSED' }])
  })

  it('by a server that hangs or is not there holds nobody up', async () => {
    const silent = await startSilentServer()
    const id = await subaccount()
    const { emailSent, authUrl } = await bench.calendars(silent.port).invite(CALLER, wish(id))
    expect(emailSent).toBe(false)
    await silent.close()
    const again = await bench.calendars(silent.port).resend(CALLER, wish(id))
    expect(again).toMatchObject({ emailSent: false })
    expect(again.authUrl).not.toBe(authUrl)
    expect(await outbox()).toEqual([{ kind: 'mail', tries: 1, error: 'MAIL_DOWN' }])
    // Who connected by the link that was answered gets no mail any more.
    await bench.connect(again.authUrl, 'c@gmail.com')
    await bench.work('metadata')
    const before = bench.mail.mails.length
    bench.clock.add(2 * MINUTE_MS)
    expect(await bench.work('mail')).toBe(1)
    expect([bench.mail.mails.length, await outbox()]).toEqual([before, []])
  })

  it('is not promised where the node has no mail server', async () => {
    const id = await subaccount()
    expect(await bench.calendars('nowhere').invite(CALLER, wish(id))).toMatchObject({ emailSent: false })
    expect(await outbox()).toEqual([])
  })
})

describe('a link', () => {
  it('is over after its time; a new one is good', async () => {
    const id = await subaccount()
    const { authUrl } = await bench.calendars('nowhere').invite(CALLER, wish(id))
    bench.clock.add(48 * HOUR_MS - 1_000)
    await bench.calendars().follow(new URL(authUrl).searchParams.get('ticket') ?? '')
    bench.clock.add(1_000)
    await expect(bench.connect(authUrl, 'd@gmail.com')).rejects.toMatchObject({ code: 'INVITATION_EXPIRED' })
    const { authUrl: next } = await bench.calendars('nowhere').resend(CALLER, wish(id))
    expect(await bench.connect(next, 'd@gmail.com')).toBe('connected')
    await expect(bench.connect(next, 'd@gmail.com')).rejects.toMatchObject({ code: 'INVITATION_USED' })
    await bench.work('metadata')
  })

  it('is kept as a hash, and addresses are sealed; a change of keys seals them again', async () => {
    const id = await subaccount()
    const { authUrl } = await bench.calendars('nowhere').invite(CALLER, wish(id))
    const { rows } = await bench.store.raw(
      `select to_jsonb(c) as calendar, to_jsonb(s) as secret from subaccount_calendars c
       join connector_credentials s on s.connector_id = c.connector_id`,
    )
    const kept = JSON.stringify(rows)
    expect(kept).toContain('"field":"invitation"')
    expect(kept).not.toContain('@')
    expect(kept).not.toContain(new URL(authUrl).searchParams.get('ticket'))
    const { ring, store } = bench.ports
    const both = parseKeyRing(new Redacted(`${generateKey()},${bench.key}`))
    const { resealed, unreadable } = await resealCredentials({ store, ring: both })
    expect([resealed > 0, unreadable]).toEqual([true, 0])
    await expect(show(id)).rejects.toMatchObject({ code: 'SEAL_FAILED' })
    await resealCredentials({ store, ring: { ...both, current: ring.current } })
    expect((await show(id)).calendars[0]?.userEmail).toBe(wish(id).userEmail)
  })
})
