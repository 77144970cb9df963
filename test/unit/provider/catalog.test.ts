/** Which providers a node has, and which of them can be used. */
import { describe, expect, it } from 'vitest'
import { usableProvider, type Catalog } from '../../../src/provider/index.js'
import { settingsFor, testProvider } from '../outbound/service.js'

const ready = testProvider({ id: 'ready' })
const waiting = testProvider({ id: 'waiting', label: 'Waiting' })
const settings = settingsFor('https://x.test')
const catalog: Catalog = [
  { provider: ready, settings, missingSettings: [] },
  { provider: waiting, missingSettings: ['WAITING_CLIENT_ID', 'WAITING_CLIENT_SECRET'] },
]

describe('a provider', () => {
  it('that is set up is given with its settings', () => {
    expect(usableProvider(catalog, 'ready')).toEqual({ provider: ready, settings })
  })

  it('that is not set up is refused, with the names that are missing', () => {
    expect(() => usableProvider(catalog, 'waiting')).toThrow(
      expect.objectContaining({
        code: 'PROVIDER_NOT_CONFIGURED',
        detail: 'set WAITING_CLIENT_ID, WAITING_CLIENT_SECRET to use Waiting',
      }) as Error,
    )
  })

  it.each(['', 'READY', '__proto__', 'constructor', 'ready '])('that is not there is unknown: %j', (id) => {
    expect(() => usableProvider(catalog, id)).toThrow(
      expect.objectContaining({ code: 'PROVIDER_UNKNOWN' }) as Error,
    )
  })
})
