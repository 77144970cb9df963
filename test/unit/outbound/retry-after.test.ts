import { describe, expect, it } from 'vitest'
import { pathShape } from '../../../src/outbound/path-shape.js'
import { retryAfterMs } from '../../../src/outbound/retry-after.js'

const NOW = Date.UTC(2030, 0, 1, 12)

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    ['3', 3_000],
    [' 2.5 ', 2_500],
    ['1000000000', 86_400_000],
    ['Tue, 01 Jan 2030 12:00:07 GMT', 7_000],
    ['Tue, 01 Jan 2030 11:00:00 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
    ['', undefined],
  ])('%s is %s ms', (text, ms) => expect(retryAfterMs({ 'retry-after': text }, NOW)).toBe(ms))

  it('may be missing', () => expect(retryAfterMs({}, NOW)).toBeUndefined())
})

describe('the shape of a path', () => {
  it.each([
    ['/', '/'],
    ['/v23.0/me/posts', '/v23.0/me/posts'],
    ['/calendars/1234/events', '/calendars/:id/events'],
    ['/users/ann%40x.test', '/users/:id'],
    ['/t/EAABsbCS1234ZBZCsecretsecretsecret', '/t/:id'],
    ['/files/abcdefghijklmnopqrstuvwxyz', '/files/:id'],
  ])('%s is %s', (path, shape) => expect(pathShape(new URL(path, 'https://x.test'))).toBe(shape))
})
