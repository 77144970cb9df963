/** A person is invited by mail and connects a Google calendar: the mail over SMTP, its link over HTTP, Google on 127.0.0.1. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JwtTrust } from '../../src/api/authentication/jwt-trust.js'
import { mintJwt } from '../../src/api/authentication/mint-jwt.js'
import { SCOPES, type Scope } from '../../src/api/authentication/principal.js'
import { systemClock } from '../../src/lib/clock.js'
import { Redacted } from '../../src/lib/redacted.js'
import { checkAnswer } from '../support/documented.js'
import { GOOGLE_CLIENT, startFakeGoogle, type FakeGoogle } from '../support/fake-google.js'
import { startMailServer, type MailServer } from '../support/mail-server.js'
import { openReceiver, type Receiver } from '../support/webhook-receiver.js'
import { openBrowser, locationOf } from '../unit/connect/browser.js'
import { localNode, type LocalNode } from './local-node.js'
import { openWorld, type World } from './world.js'

const SECRET = 'a shared secret of at least 32 characters'
const trust = {
  kind: 'secret',
  secret: new Redacted(SECRET),
  issuer: undefined,
  audience: undefined,
} as const satisfies JwtTrust

let world: World
let google: FakeGoogle
let mail: MailServer
let receiver: Receiver
let node: LocalNode

beforeAll(async () => {
  world = await openWorld()
  google = await startFakeGoogle()
  mail = await startMailServer()
  receiver = await openReceiver()
  const settings = {
    JWT_SHARED_SECRET: SECRET,
    GOOGLE_CALENDAR_CLIENT_ID: GOOGLE_CLIENT.id,
    GOOGLE_CALENDAR_CLIENT_SECRET: GOOGLE_CLIENT.secret,
    SMTP_URL: `smtp://127.0.0.1:${mail.port}?tls=never`,
    MAIL_FROM: 'Calendar team <team@app.example>',
    WEBHOOK_ALLOW_ORIGINS: receiver.origin,
    RATE_PER_TENANT: '100000',
  }
  node = await localNode(world, settings, { network: google.network })
}, 90_000)
afterAll(async () => {
  await node.close()
  await receiver.close()
  await mail.close()
  await google.close()
  await world.close()
}, 60_000)

interface Wishes {
  readonly body?: unknown
  readonly tenant?: string
  readonly scopes?: readonly Scope[]
  /** `null`: none. */
  readonly token?: string | null
}

interface Json {
  readonly [name: string]: Json & (string | number | boolean | null)
}

async function call(method: string, path: string, wishes: Wishes = {}) {
  const { body, tenant = 'acme', scopes = SCOPES, token } = wishes
  const jwt = () => mintJwt(trust, { tenant, subject: 'ann', scopes, lifetimeMs: 60_000 }, systemClock)
  const bearer = token === null ? undefined : (token ?? (await jwt()))
  const answer = await fetch(`${node.url}${path}`, {
    method,
    headers: {
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  const type = answer.headers.get('content-type')
  checkAnswer({ method, path, status: answer.status, type, text })
  return { status: answer.status, json: JSON.parse(text) as Json }
}

const at = (subaccount: string, rest = ''): string => `/api/connectors/${subaccount}${rest}`
const add = (subaccount: string, wishes?: Wishes) => call('POST', at(subaccount), wishes)
const invite = (subaccount: string, body: object) =>
  call('POST', at(subaccount, '/handlegooglecalendar'), { body })
const show = async (subaccount: string) =>
  (await call('GET', at(subaccount, '/google-calendar'))).json['data'] as Json
const codeOf = (json: Json): unknown => json['error']?.['code']
const linkIn = (text: string): string => /http:\/\/\S+/.exec(text)?.[0] ?? '?'

/** From the link to the page that the browser is sent back to. */
async function connect(link: string, email: string, accept = 'text/html') {
  const browser = openBrowser()
  const out = await browser.get(locationOf(await browser.get(link)).href)
  const back = await google.allow(locationOf(out).href, email)
  const page = await browser.get(back, { accept })
  return { status: page.status, text: await page.text() }
}

describe('an invitation', () => {
  it('is answered in the form of the seed, mailed, and followed to the success page', async () => {
    await call('POST', '/v1/webhooks', { body: { url: receiver.url, events: ['connection.created'] } })
    expect((await add('68cf05f060d294db17c0685e')).status).toBe(201)
    const { status, json } = await invite('68cf05f060d294db17c0685e', { userEmail: 'user@example.com' })
    expect(status).toBe(200)
    expect(json).toMatchObject({ success: true, message: 'Authorization link sent to user@example.com' })
    const letter = await mail.next()
    const authUrl = linkIn(letter.text)
    expect(json['data']).toEqual({
      authUrl,
      userEmail: 'user@example.com',
      subaccountId: '68cf05f060d294db17c0685e',
      emailSent: true,
    })
    expect([letter.from, letter.to]).toEqual(['team@app.example', ['user@example.com']])
    expect(letter.headers['subject']).toBe('Connect your Google Calendar')
    expect(letter.html).toContain(`href="${authUrl}"`)
    for (const part of [letter.text, letter.html]) {
      expect(part).toContain('To copy the events of your calendars')
      expect(part).toContain('If you did not expect this mail')
    }
    expect((await show('68cf05f060d294db17c0685e'))['metadata']).toEqual({ isConnected: false })

    const page = await connect(authUrl, 'googleuser@gmail.com')
    expect([page.status, page.text.includes('Google Calendar is connected')]).toEqual([200, true])
    await expect
      .poll(async () => (await show('68cf05f060d294db17c0685e'))['metadata']?.['isConnected'], {
        timeout: 10_000,
      })
      .toBe(true)
    const shown = await show('68cf05f060d294db17c0685e')
    const [calendar] = shown['calendars'] as unknown as readonly Json[]
    const connectedAt = expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string
    expect(shown).toMatchObject({ connectorId: 'google-calendar', connectorType: 'calendar', isActive: true })
    expect(shown['metadata']).toEqual({
      calendarId: calendar?.['calendarId'],
      userEmail: 'user@example.com',
      googleEmail: 'googleuser@gmail.com',
      connectedAt,
      isConnected: true,
      updatedAt: connectedAt,
    })
    const { json: listed } = await call('GET', '/v1/connectors?subject=68cf05f060d294db17c0685e')
    expect(listed['data']?.[0]).toMatchObject({ connector_type: 'google-calendar', status: 'active' })
    const [told] = await receiver.until(1)
    expect(told?.json).toMatchObject({
      type: 'connection.created',
      data: { connector_type: 'google-calendar', subject: '68cf05f060d294db17c0685e' },
    })
  })

  it('is good until its account is connected: a look at it and a change of mind do not use it up', async () => {
    await add('unit-2')
    const { json } = await invite('unit-2', { userEmail: 'bea@people.example' })
    const link = String(json['data']?.['authUrl'])
    await mail.next()
    // What scans mails follows links.
    const scanner = openBrowser()
    await scanner.get(locationOf(await scanner.get(link)).href)
    const browser = openBrowser()
    const out = await browser.get(locationOf(await browser.get(link)).href)
    const denied = await browser.get(await google.deny(locationOf(out).href))
    expect(denied.status).toBe(403)
    expect((await connect(link, 'bea@gmail.com')).status).toBe(200)
    const again = await openBrowser().get(link)
    expect([again.status, (await again.text()).includes('already used')]).toEqual([410, true])
    const program = await openBrowser().get(link, { accept: 'application/json' })
    expect(codeOf((await program.json()) as Json)).toBe('INVITATION_USED')
  })

  it('that is sent again has another link, and the one before opens nothing', async () => {
    await add('unit-3')
    const first = await invite('unit-3', { userEmail: 'cleo@people.example' })
    const before = linkIn((await mail.next()).text)
    expect(first.json['data']?.['authUrl']).toBe(before)
    const path = at('unit-3', '/handlegooglecalendar/resend')
    const resent = await call('POST', path, { body: { userEmail: 'Cleo@people.example' } })
    expect(resent.json['data']).toMatchObject({ emailSent: true })
    const link = linkIn((await mail.next()).text)
    expect(link).not.toBe(before)
    const old = await openBrowser().get(before, { accept: 'application/json' })
    expect([old.status, codeOf((await old.json()) as Json)]).toEqual([404, 'INVITATION_UNKNOWN'])
    expect((await connect(link, 'cleo@gmail.com')).status).toBe(200)
    expect(await show('unit-3')).toMatchObject({ calendars: [{ userEmail: 'Cleo@people.example' }] })
    const used = await call('POST', path, { body: { userEmail: 'cleo@people.example' } })
    expect([used.status, codeOf(used.json)]).toEqual([410, 'INVITATION_USED'])
    const nobody = await call('POST', path, { body: { userEmail: 'nobody@people.example' } })
    expect([nobody.status, codeOf(nobody.json)]).toEqual([404, 'INVITATION_UNKNOWN'])
  })

  it('for one account refuses another by its name, keeps nothing of it, and then takes the right one', async () => {
    await add('unit-4')
    const wish = { userEmail: 'dan@people.example', googleEmail: 'd.an@gmail.com' }
    const { json } = await invite('unit-4', wish)
    const link = String(json['data']?.['authUrl'])
    expect((await mail.next()).text).toContain('Please choose the account d.an@gmail.com')
    const wrong = await connect(link, 'eve@gmail.com')
    expect(wrong.status).toBe(409)
    expect(wrong.text).toContain('You signed in as eve@gmail.com. d.an@gmail.com was asked for.')
    const program = await connect(link, 'eve@gmail.com', 'application/json')
    expect(codeOf(JSON.parse(program.text) as Json)).toBe('ADDRESS_DIFFERS')
    expect(node.log()).not.toContain('eve@gmail.com')
    expect(await show('unit-4')).toMatchObject({ calendars: [{ status: 'pending', metadata: null }] })
    expect((await connect(link, 'dan@gmail.com')).status).toBe(200)
  })

  it('without a mail says so, and no mail comes', async () => {
    await add('unit-5')
    const before = mail.mails.length
    const { json } = await invite('unit-5', { userEmail: 'fay@people.example', sendEmail: false })
    expect(json).toMatchObject({ data: { emailSent: false } })
    expect(json['message']).toBe('Authorization link made for fay@people.example; no mail was asked for')
    expect(mail.mails).toHaveLength(before)
  })

  it('whose mail is not taken is made all the same, and says so', async () => {
    await add('unit-6')
    mail.setFault('later')
    const { json } = await invite('unit-6', { userEmail: 'gus@people.example' })
    mail.setFault(undefined)
    expect(json).toMatchObject({ success: true, data: { emailSent: false } })
    expect(json['message']).toBe('Authorization link made for gus@people.example; the mail was not sent')
    expect((await connect(String(json['data']?.['authUrl']), 'gus@gmail.com')).status).toBe(200)
  })
})

describe('a subaccount', () => {
  it('has several calendars; the same address gets the same one, unless one more is wished', async () => {
    await add('unit-7', { body: { config: { syncFrequency: 'daily', streams: ['events'] } } })
    expect((await add('unit-7')).status).toBe(200)
    for (const [userEmail, more] of [
      ['hal@people.example', {}],
      ['ida@people.example', {}],
      ['hal@people.example', {}],
      ['hal@people.example', { newCalendar: true }],
    ] as const) {
      const { json } = await invite('unit-7', { userEmail, sendEmail: false, ...more })
      const calendars = (await show('unit-7'))['calendars'] as unknown as readonly Json[]
      const person = userEmail.replace('people.example', `${calendars.length}.example`)
      // The third comes back to the account of the first.
      const account = calendars.length === 2 && userEmail.startsWith('hal') ? 'hal@1.example' : person
      expect((await connect(String(json['data']?.['authUrl']), account)).status).toBe(200)
    }
    const shown = await show('unit-7')
    const calendars = shown['calendars'] as unknown as readonly Json[]
    expect(calendars.map(({ userEmail }) => userEmail)).toEqual([
      'hal@people.example',
      'ida@people.example',
      'hal@people.example',
    ])
    await expect
      .poll(async () => (await show('unit-7'))['metadata']?.['googleEmail'], { timeout: 10_000 })
      .toBe('hal@3.example')
    const { json } = await call('GET', `/v1/connectors/${String(calendars[0]?.['connectorId'])}`)
    expect(json).toMatchObject({ streams: ['events'], sync_frequency: 'daily', subject: 'unit-7' })
  })

  it('is disconnected, one calendar or all: revoked at Google, erased here, and can be connected anew', async () => {
    await add('unit-8')
    for (const name of ['jan', 'kim']) {
      const { json } = await invite('unit-8', { userEmail: `${name}@people.example`, sendEmail: false })
      await connect(String(json['data']?.['authUrl']), `${name}@gmail.com`)
    }
    await expect
      .poll(async () => (await show('unit-8'))['metadata']?.['googleEmail'], { timeout: 10_000 })
      .toBe('kim@gmail.com')
    const path = at('unit-8', '/google-calendar')
    const [first] = (await show('unit-8'))['calendars'] as unknown as readonly Json[]
    const before = google.revoked.length
    const one = await call('DELETE', `${path}?calendarId=${String(first?.['calendarId'])}`)
    expect(one.json['data']).toEqual({
      subaccountId: 'unit-8',
      isConnected: true,
      calendars: [{ calendarId: first?.['calendarId'], revoked: true, erasedRecords: 0 }],
    })
    const gone = await call('DELETE', `${path}?calendarId=${String(first?.['calendarId'])}`)
    expect([gone.status, codeOf(gone.json)]).toEqual([404, 'CALENDAR_UNKNOWN'])
    google.setRevokeStatus(503)
    const all = await call('DELETE', path)
    google.setRevokeStatus(200)
    expect(all.json['data']).toMatchObject({
      isConnected: false,
      calendars: [{ revoked: false, reason: 'PROVIDER_DOWN' }],
    })
    expect(google.revoked).toHaveLength(before + 1)
    expect(await show('unit-8')).toMatchObject({ metadata: { isConnected: false }, calendars: [] })
    const { json } = await invite('unit-8', { userEmail: 'kim@people.example', sendEmail: false })
    expect((await connect(String(json['data']?.['authUrl']), 'kim@gmail.com')).status).toBe(200)
  })
})

describe('a service', () => {
  const connectAt = (subaccount: string): string => `/api/google/${subaccount}/connect`
  const body = { userEmail: 'lea@people.example', sendEmail: false }
  async function tokenWith(scopes: readonly Scope[]): Promise<string> {
    const { json } = await call('POST', '/v1/service-tokens', { body: { name: 'hooks', scopes } })
    return String(json['token'])
  }

  it('asks with a service token of the scope for it, and gets the same answer', async () => {
    await add('unit-9')
    const token = await tokenWith(['calendar:connect'])
    const { status, json } = await call('POST', connectAt('unit-9'), { body, token })
    expect([status, json['data']?.['subaccountId']]).toEqual([200, 'unit-9'])
    // The scope is for this and nothing else.
    const more = await call('GET', at('unit-9', '/google-calendar'), { token })
    expect([more.status, codeOf(more.json)]).toEqual([403, 'FORBIDDEN'])
  })

  it('is refused without one, with a person’s token, and without the scope', async () => {
    for (const wishes of [{ token: null }, {}]) {
      const { status, json } = await call('POST', connectAt('unit-9'), { body, ...wishes })
      expect([status, codeOf(json), json['error']?.['message']]).toEqual([
        401,
        'SERVICE_TOKEN_REQUIRED',
        'Service token required.',
      ])
    }
    const token = await tokenWith(['connectors:write'])
    const { status, json } = await call('POST', connectAt('unit-9'), { body, token })
    expect([status, codeOf(json)]).toEqual([403, 'FORBIDDEN'])
  })
})

describe('refused is', () => {
  const wish = { userEmail: 'max@people.example' }

  it('a subaccount to which the connector was not added, in every address, as another tenant’s', async () => {
    await add('unit-10')
    const asked = [
      ['POST', '/handlegooglecalendar', wish],
      ['POST', '/handlegooglecalendar/resend', wish],
      ['GET', '/google-calendar', undefined],
      ['DELETE', '/google-calendar', undefined],
    ] as const
    for (const [method, rest, body] of asked)
      for (const [subaccount, tenant] of [
        ['never-added', 'acme'],
        ['unit-10', 'other'],
      ] as const) {
        const { status, json } = await call(method, at(subaccount, rest), { body, tenant })
        expect([status, codeOf(json)]).toEqual([404, 'CONNECTOR_NOT_ADDED'])
        expect(json['error']?.['message']).toMatch(/^Connector not found/)
      }
  })

  it.each([
    [{}, 'userEmail'],
    [{ userEmail: 'nobody' }, 'userEmail'],
    [{ userEmail: 'a@b.example\r\nBcc: all@b.example' }, 'userEmail'],
    [{ userEmail: 'a@b.example,c@d.example' }, 'userEmail'],
    [{ ...wish, googleEmail: 'x' }, 'googleEmail'],
    [{ ...wish, sendEmail: 'yes' }, 'sendEmail'],
    [{ ...wish, tenant: 'other' }, ''],
  ])('the body %j, at %s', async (body, path) => {
    const { status, json } = await invite('unit-10', body)
    const errors = json['error']?.['errors'] as unknown as readonly Json[]
    expect([status, codeOf(json), errors[0]?.['path']]).toEqual([400, 'REQUEST_INVALID', path])
  })

  it.each([
    ['google-calendar', {}, 'subaccountId'],
    ['-unit', {}, 'subaccountId'],
    ['unit%2F7', {}, 'subaccountId'],
    ['unit-11', { connectorId: 'xero' }, 'connectorId'],
    ['unit-11', { config: { streams: ['nothing'] } }, 'config.streams'],
    ['unit-11', { config: { syncFrequency: 'sometimes' } }, 'config.syncFrequency'],
    ['unit-11', { config: { owner: 'me' } }, 'config'],
  ])('to add it to %s with %j, at %s', async (subaccount, body, path) => {
    const { status, json } = await add(subaccount, { body })
    const errors = json['error']?.['errors'] as unknown as readonly Json[]
    expect([status, codeOf(json), errors[0]?.['path']]).toEqual([400, 'REQUEST_INVALID', path])
  })

  it('a caller without the scope, and a link that nobody made', async () => {
    const { status } = await add('unit-12', { scopes: ['connectors:read'] })
    expect(status).toBe(403)
    for (const query of ['', '?ticket=', '?ticket=nothing', '?ticket=a&ticket=b']) {
      const answer = await openBrowser().get(`${node.url}/v1/invitations/start${query}`, {
        accept: 'application/json',
      })
      const code = query.includes('&') ? 'REQUEST_INVALID' : 'INVITATION_UNKNOWN'
      expect(codeOf((await answer.json()) as Json)).toBe(code)
    }
  })
})

it('keeps addresses, links and tokens out of the log', async () => {
  const { json } = await invite('unit-10', { userEmail: 'zoe@people.example' })
  const link = new URL(String(json['data']?.['authUrl']))
  await connect(link.href, 'zoe@gmail.com')
  for (const secret of ['zoe@', link.searchParams.get('ticket') ?? '?', 'ya29.', GOOGLE_CLIENT.secret])
    expect(node.log()).not.toContain(secret)
})
