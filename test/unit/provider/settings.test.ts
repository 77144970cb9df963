/** Settings as a provider declares them, and the names that operators set. */
import { describe, expect, expectTypeOf, it } from 'vitest'
import { defineProvider, origin, secret, settingName, text } from '../../../src/provider/index.js'
import type { Redacted, SettingsOf } from '../../../src/provider/index.js'

describe('the environment name of a setting', () => {
  it.each([
    ['sandbox', 'origin', 'SANDBOX_ORIGIN'],
    ['facebook', 'clientSecret', 'FACEBOOK_CLIENT_SECRET'],
    ['google-drive', 'clientId', 'GOOGLE_DRIVE_CLIENT_ID'],
    ['a-b-c', 'oneTwoThree', 'A_B_C_ONE_TWO_THREE'],
  ])('of %s, %s is %s', (provider, key, name) => expect(settingName(provider, key)).toBe(name))
})

describe('a declared setting', () => {
  it('says its kind, and an origin has a default only when it was given one', () => {
    expect(text({ fallback: 'a', help: 'b' })).toEqual({ kind: 'text', fallback: 'a', help: 'b' })
    expect(secret()).toEqual({ kind: 'secret' })
    expect(origin()).toEqual({ kind: 'origin' })
    expect(origin(undefined, { optional: true })).toEqual({ kind: 'origin', optional: true })
    expect(origin('https://x.test')).toEqual({ kind: 'origin', fallback: 'https://x.test' })
  })

  it('cannot give a secret a default', () => {
    // @ts-expect-error A secret in the source is none.
    expect(secret({ fallback: 'x' })).toHaveProperty('fallback')
  })

  it('types its value: secrets hidden, optional ones perhaps missing', () => {
    const shape = {
      id: text(),
      key: secret(),
      at: origin(),
      more: { ...text(), optional: true },
      hidden: { ...secret(), optional: true },
    } as const
    type Values = SettingsOf<typeof shape>
    expectTypeOf<Values['id']>().toEqualTypeOf<string>()
    expectTypeOf<Values['key']>().toEqualTypeOf<Redacted>()
    expectTypeOf<Values['at']>().toEqualTypeOf<string>()
    expectTypeOf<Values['more']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<Values['hidden']>().toEqualTypeOf<Redacted | undefined>()
    expect(Object.keys(shape)).toHaveLength(5)
  })

  it('is spell-checked where a provider uses it', () => {
    const provider = defineProvider({
      id: 'test',
      label: 'Test',
      description: 'For tests',
      category: 'development',
      homepage: 'x.test',
      icon: 'icon.svg',
      revision: 1,
      hosts: ['x.test'],
      settings: { clientId: text() },
      auth: [
        { kind: 'oauth2', authorize: 'https://x.test', token: 'https://x.test', scopes: {}, refresh: false },
      ],
      sign: ({ settings }) => {
        // @ts-expect-error There is no setting of this name.
        void settings.clientID
        return { id: settings.clientId }
      },
      account: async () => ({ id: '1', name: 'One' }),
      revoke: { unsupported: 'tests' },
      streams: [],
    })
    expect(provider.settings).toEqual({ clientId: { kind: 'text' } })
  })
})
