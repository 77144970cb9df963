import { describe, expect, it } from 'vitest'
import { declaredHosts } from '../../../src/outbound/index.js'
import { origin } from '../../../src/provider/index.js'
import { settingsFor, testProvider } from './service.js'

const provider = testProvider({ hosts: ['api.test', 'eu.api.test:8443', 'setting:origin'] })
const hosts = declaredHosts(provider, settingsFor('http://10.0.0.5:3000'), {
  further: ['https://login.test/token'],
})

describe('declared hosts', () => {
  it.each([
    ['https://api.test/a?b=c', 'public'],
    ['https://API.test', 'public'],
    ['https://api.test:443/', 'public'],
    ['https://eu.api.test:8443/', 'public'],
    ['https://login.test/other', 'public'],
    ['http://10.0.0.5:3000/x', 'operator'],
  ])('take %s', (address, reach) => expect(hosts.target(address).reach).toBe(reach))

  it.each([
    'http://api.test/',
    'https://api.test:8443/',
    'https://api.test./',
    'https://sub.api.test/',
    'https://api.test.evil.test/',
    'https://evil.test/?api.test',
    'https://api.test@evil.test/',
    'https://user:pass@api.test/',
    'https://evil.test\\@api.test/',
    'https://10.0.0.5:3000/',
    'http://10.0.0.5/',
    'http://10.0.0.5:3001/',
    'file:///etc/passwd',
    'gopher://api.test/',
    'ftp://api.test/',
    'data:application/json,{}',
    'javascript:1',
    '//api.test/',
    '/a',
    '',
  ])('refuse %s and do not quote it', (address) => {
    const error = thrownBy(() => hosts.target(address))
    expect(error).toMatchObject({ code: 'PROVIDER_CHANGED' })
    if (address.length > 3) expect(String(error)).not.toContain(address)
  })

  it('hold a default that nobody changed to public addresses, unless it is a local one', () => {
    const reachOf = (fallback: string, value: string) =>
      declaredHosts(
        { ...provider, settings: { ...provider.settings, origin: origin(fallback) } },
        settingsFor(value),
      ).target(value).reach
    expect(reachOf('https://git.test', 'https://git.test')).toBe('public')
    expect(reachOf('https://git.test', 'https://git.corp.test')).toBe('operator')
    expect(reachOf('http://127.0.0.1:5029', 'http://127.0.0.1:5029')).toBe('operator')
  })

  it('ignore settings of other kinds', () => {
    const odd = testProvider({ hosts: ['setting:clientId', 'setting:missing'] })
    const found = declaredHosts(odd, { ...settingsFor('https://x.test'), clientId: 'https://evil.test' })
    expect(thrownBy(() => found.target('https://evil.test'))).toMatchObject({ code: 'PROVIDER_CHANGED' })
  })
})

function thrownBy(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  return undefined
}
