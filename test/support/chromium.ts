/** Debian's Chromium, driven for tests of pages; missing, its suites are skipped with the reason, unless CI requires them. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import { expect } from 'vitest'

const PLACES = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser']

/** Why there is no browser; `undefined` when there is one. @throws when CI requires it */
export function findBrowserFault(): string | undefined {
  if (browserPath() !== undefined) return undefined
  const fault = 'no Chromium: install it, or set CHROMIUM to its path'
  if (process.env['CI'] === 'true') throw new Error(fault)
  return fault
}

const browserPath = (): string | undefined => PLACES.find((path) => path !== undefined && existsSync(path))

/** @param args further ones, such as where hosts are found */
export function openChromium(args: readonly string[] = []): Promise<Browser> {
  const executablePath = browserPath()
  if (executablePath === undefined) throw new Error('no Chromium')
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...args,
    ],
  })
}

/** Everything a page did that it should not: errors, refused styles and scripts, requests to hosts that were not named. */
export function watch(page: Page, hosts: readonly string[] = []): readonly string[] {
  const seen: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') seen.push(message.text())
  })
  page.on('pageerror', (error) => seen.push(error.message))
  page.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url())
    if (protocol !== 'data:' && hostname !== '127.0.0.1' && !hosts.includes(hostname))
      seen.push(`asked ${hostname}`)
  })
  return seen
}

/** What every page of the node has, and what none may have. */
export async function expectGoodPage(page: Page): Promise<void> {
  expect(await page.locator('html').getAttribute('lang')).toBe('en')
  expect(await page.locator('h1').count()).toBe(1)
  expect(await page.locator('img:not([alt])').count()).toBe(0)
  expect(await page.locator('main').count()).toBe(1)
  expect(await page.locator('[style], style, script:not([src])').count()).toBe(0)
}

/** Written below SHOTS, for people who look at the pages. */
export async function shoot(page: Page, name: string): Promise<void> {
  const shots = process.env['SHOTS']
  if (shots !== undefined) await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true })
}
