/** Names and kinds of settings are checked where they are used; an optional one may be missing. */
import { expect, expectTypeOf, it } from 'vitest'
import {
  secret,
  settingName,
  text,
  type Redacted,
  type SettingsOf,
  type SettingsShape,
} from '../../../src/provider/index.js'

it('keeps kinds and optionality in the types', () => {
  const shape = {
    id: text(),
    key: secret(),
    region: text({ optional: true }),
    pin: secret({ optional: true }),
  }
  expect(shape).toEqual({
    id: { kind: 'text' },
    key: { kind: 'secret' },
    region: { kind: 'text', optional: true },
    pin: { kind: 'secret', optional: true },
  })
  type Values = SettingsOf<typeof shape>
  expectTypeOf<Values['id']>().toEqualTypeOf<string>()
  expectTypeOf<Values['key']>().toEqualTypeOf<Redacted>()
  expectTypeOf<Values['region']>().toEqualTypeOf<string | undefined>()
  expectTypeOf<Values['pin']>().toEqualTypeOf<Redacted | undefined>()
  expectTypeOf<SettingsOf<SettingsShape>>().toEqualTypeOf<{ readonly [name: string]: string | Redacted }>()
})

it.each([
  ['facebook', 'clientId', 'FACEBOOK_CLIENT_ID'],
  ['google-drive', 'clientSecret', 'GOOGLE_DRIVE_CLIENT_SECRET'],
])('names the setting of %s, %s, %s in the environment', (id, key, name) => {
  expect(settingName(id, key)).toBe(name)
})
