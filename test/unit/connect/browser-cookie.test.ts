import { describe, expect, it } from 'vitest'
import { browserCookie, newBrowserSecret, readBrowserCookie } from '../../../src/connect/browser-cookie.js'

const HTTPS = 'https://node.test'
const secret = newBrowserSecret()

describe('the cookie of a sign-in', () => {
  it('can be set by no other host, path or plain connection where there is https', () => {
    expect(browserCookie(HTTPS, secret)).toBe(
      `__Host-cn-browser=${secret}; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure`,
    )
    expect(readBrowserCookie(HTTPS, `a=b; __Host-cn-browser=${secret}; c=d`)).toBe(secret)
    expect(readBrowserCookie(HTTPS, `cn-browser=${secret}`)).toBeUndefined()
  })

  it.each([
    ['none', undefined],
    ['one of another form', '__Host-cn-browser=short'],
    [
      'two of its name, of which one may be planted',
      `__Host-cn-browser=${secret}; __Host-cn-browser=${secret}`,
    ],
    ['one whose name only ends so', `x__Host-cn-browser=${secret}`],
  ])('is not read out of %s', (_what, header) => {
    expect(readBrowserCookie(HTTPS, header)).toBeUndefined()
  })
})
