/** Debian's Chromium, driven for tests of pages; missing, its suites are skipped with the reason, unless CI requires them. */
import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

const PLACES = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser']

/** Why there is no browser; `undefined` when there is one. @throws when CI requires it */
export function findBrowserFault(): string | undefined {
  if (browserPath() !== undefined) return undefined
  const fault = 'no Chromium: install it, or set CHROMIUM to its path'
  if (process.env['CI'] === 'true') throw new Error(fault)
  return fault
}

const browserPath = (): string | undefined => PLACES.find((path) => path !== undefined && existsSync(path))

export function openChromium(): Promise<Browser> {
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
    ],
  })
}
