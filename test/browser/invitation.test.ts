/** An invitation, followed as a person does: the mail, its button, the sign-in and consent of a real OAuth server, and every page at the end. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/lib/clock.js'
import { localNode, type LocalNode } from '../e2e/local-node.js'
import { openWorld, type World } from '../e2e/world.js'
import { expectGoodPage, findBrowserFault, openChromium, shoot, watch } from '../support/chromium.js'
import { GOOGLE_CLIENT } from '../support/fake-google.js'
import { startGoogleSignIn, type GoogleSignIn } from '../support/google-sign-in.js'
import { startMailServer, type MailServer, type ReceivedMail } from '../support/mail-server.js'
import { openTenant, type Tenant } from '../support/tenant.js'

const SECRET = 'a shared secret of at least 32 characters'
const HOUR_MS = 3_600_000
const SIZES = [
  ['wide', { width: 1280, height: 800 }],
  ['narrow', { width: 360, height: 740 }],
] as const

interface Subaccount {
  readonly metadata: { readonly isConnected: boolean }
  readonly calendars: readonly { readonly calendarId: string; readonly status: string }[]
}

const fault = findBrowserFault()

describe.skipIf(fault !== undefined)(`an invitation${fault === undefined ? '' : ` (${fault})`}`, () => {
  let world: World
  let google: GoogleSignIn
  let mail: MailServer
  let node: LocalNode
  let tenant: Tenant
  let browser: Browser
  /** A browser of its own for each test. */
  let page: Page
  let trouble: readonly string[]

  beforeAll(async () => {
    world = await openWorld()
    google = await startGoogleSignIn()
    mail = await startMailServer()
    const settings = {
      JWT_SHARED_SECRET: SECRET,
      GOOGLE_CALENDAR_CLIENT_ID: GOOGLE_CLIENT.id,
      GOOGLE_CALENDAR_CLIENT_SECRET: GOOGLE_CLIENT.secret,
      SMTP_URL: `smtp://127.0.0.1:${mail.port}?tls=never`,
      MAIL_FROM: 'Calendar team <team@app.example>',
    }
    node = await localNode(world, settings, { network: google.network })
    google.welcome(`${node.url}/v1/oauth/google-calendar/callback`)
    tenant = await openTenant(node.url, SECRET, 'acme')
    browser = await openChromium(google.browserArgs)
  }, 90_000)
  afterAll(async () => {
    await browser.close()
    await node.close()
    await mail.close()
    await google.close()
    await world.close()
  }, 60_000)
  beforeEach(async () => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true })
    page = await context.newPage()
    trouble = watch(page, ['accounts.google.com'])
  })
  afterEach(async () => {
    await page.context().close()
    // A page with a refusal's status is written to the console as a failed load; nothing else may be there.
    expect(trouble.filter((text) => !/status of 4\d\d/.test(text))).toEqual([])
  })

  async function invite(subaccount: string, wishes: object): Promise<ReceivedMail> {
    await tenant.call('POST', `/api/connectors/${subaccount}`)
    const { json } = await tenant.call('POST', `/api/connectors/${subaccount}/handlegooglecalendar`, wishes)
    expect(json).toMatchObject({ success: true, data: { emailSent: true } })
    return mail.next()
  }
  async function show(subaccount: string): Promise<Subaccount> {
    const { json } = await tenant.call('GET', `/api/connectors/${subaccount}/google-calendar`)
    return json['data'] as Subaccount
  }

  /** At both widths: a picture where one is wished, and nothing that must be pushed sideways. */
  async function look(name: string): Promise<void> {
    for (const [width, size] of SIZES) {
      await page.setViewportSize(size)
      await shoot(page, `invitation-${name}-${width}`)
      const isCut = await page.evaluate('document.documentElement.scrollWidth > innerWidth')
      expect([name, width, isCut]).toEqual([name, width, false])
    }
    await page.setViewportSize(SIZES[0][1])
  }

  /** The button of the mail, as a reader of mail shows it. */
  async function openMail({ html }: ReceivedMail): Promise<void> {
    await page.goto('about:blank')
    await page.setContent(html)
  }
  async function pressMail(letter: ReceivedMail): Promise<void> {
    await openMail(letter)
    await page.getByRole('link', { name: 'Connect Google Calendar' }).click()
  }
  async function signIn(email: string): Promise<void> {
    await page.getByLabel('Email').fill(email)
    await page.getByRole('button', { name: 'Next' }).click()
  }
  const answer = (name: 'Allow' | 'Cancel') => page.getByRole('button', { name }).click()
  async function expectPage(title: RegExp | string): Promise<string> {
    await page.getByRole('heading', { level: 1, name: title }).waitFor()
    await expectGoodPage(page)
    return (await page.locator('main').textContent()) ?? ''
  }

  it('is followed from the mail over sign-in and consent to the end, and the calendar is there', async () => {
    const letter = await invite('unit-1', { userEmail: 'ann@people.example' })
    await openMail(letter)
    await look('mail')
    await page.getByRole('link', { name: 'Connect Google Calendar' }).click()
    await signIn('ann@gmail.com')
    expect(await page.locator('main').textContent()).toContain('calendar.events.readonly')
    await answer('Allow')
    const text = await expectPage('Google Calendar is connected')
    expect(text).toContain('ann@gmail.com')
    await look('connected')
    expect(new URL(page.url()).origin).toBe(node.url)

    await expect.poll(async () => (await show('unit-1')).metadata.isConnected).toBe(true)
    const shown = await show('unit-1')
    expect(shown.metadata).toMatchObject({
      calendarId: shown.calendars[0]?.calendarId,
      userEmail: 'ann@people.example',
      googleEmail: 'ann@gmail.com',
    })
    const { json } = await tenant.call('GET', '/v1/connectors?subject=unit-1')
    expect(json).toMatchObject({ data: [{ connector_type: 'google-calendar', status: 'active' }] })
  })

  it('that was used says so, and neither a reload nor another look connects anything', async () => {
    const letter = await invite('unit-2', { userEmail: 'bea@people.example' })
    await pressMail(letter)
    await signIn('bea@gmail.com')
    await answer('Allow')
    await expectPage('Google Calendar is connected')
    await page.reload()
    expect(await expectPage(/./)).toMatch(/already used/)
    await look('reloaded')
    await pressMail(letter)
    expect(await expectPage(/./)).toMatch(/already used/)
    await look('used')
    expect((await show('unit-2')).calendars).toHaveLength(1)
  })

  it('for one account names another one and refuses it, and then takes the right one', async () => {
    const demand = { userEmail: 'cleo@people.example', googleEmail: 'cleo@gmail.com' }
    const letter = await invite('unit-3', demand)
    await openMail(letter)
    await look('mail-demanding')
    await pressMail(letter)
    await signIn('eve@gmail.com')
    await answer('Allow')
    const text = await expectPage(/./)
    expect(text).toContain('You signed in as eve@gmail.com. cleo@gmail.com was asked for.')
    await look('wrong-account')
    expect((await show('unit-3')).calendars).toMatchObject([{ status: 'pending' }])
    await page.context().clearCookies({ domain: 'accounts.google.com' })
    await pressMail(letter)
    await signIn('cleo@gmail.com')
    await answer('Allow')
    await expectPage('Google Calendar is connected')
  })

  it('that its person turns down keeps nothing, and can be followed again', async () => {
    const letter = await invite('unit-4', { userEmail: 'dan@people.example' })
    await pressMail(letter)
    await signIn('dan@gmail.com')
    await answer('Cancel')
    expect(await expectPage(/./)).toMatch(/not granted/i)
    await look('denied')
    expect((await show('unit-4')).calendars).toMatchObject([{ status: 'pending' }])
    await pressMail(letter)
    await page.getByRole('button', { name: 'Allow' }).waitFor()
  })

  it('whose time is over says so, and how to get another', async () => {
    const letter = await invite('unit-5', { userEmail: 'fay@people.example' })
    const later = systemClock.now() + 49 * HOUR_MS
    const clock = vi.spyOn(systemClock, 'now').mockReturnValue(later)
    await pressMail(letter)
    const text = await expectPage(/./)
    clock.mockRestore()
    expect(text).toMatch(/ask .* new/i)
    await look('expired')
  })

  it('that nobody made, or that a newer one replaced, opens nothing', async () => {
    const letter = await invite('unit-6', { userEmail: 'gus@people.example' })
    await invite('unit-6', { userEmail: 'gus@people.example' })
    await pressMail(letter)
    await expectPage(/./)
    await look('replaced')
  })
})
