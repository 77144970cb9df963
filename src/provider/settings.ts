/** What an operator must set before a provider can be used: names, kinds and help, read from the environment by the node. */
import type { Redacted } from '../lib/redacted.js'

interface SettingOptions {
  /** What it is and where to find it, for the operator. */
  readonly help?: string
  readonly optional?: boolean
}

export interface TextSetting extends SettingOptions {
  readonly kind: 'text'
  readonly fallback?: string
}
export interface SecretSetting extends SettingOptions {
  readonly kind: 'secret'
}
/** The origin of the service. Set by the operator, it may be a loopback or plain-http origin: the only way to allow one. */
export interface OriginSetting extends SettingOptions {
  readonly kind: 'origin'
  readonly fallback?: string
}
export type Setting = TextSetting | SecretSetting | OriginSetting
export type SettingsShape = Readonly<Record<string, Setting>>

type Options<T extends Setting> = Omit<T, 'kind' | 'fallback'>

// The options stay in the type: an optional setting may have no value, and its users must see that.
export const text = <const O extends Omit<TextSetting, 'kind'>>(options = {} as O): TextSetting & O => ({
  kind: 'text',
  ...options,
})
export const secret = <const O extends Options<SecretSetting>>(options = {} as O): SecretSetting & O => ({
  kind: 'secret',
  ...options,
})
export const origin = (fallback?: string, options: Options<OriginSetting> = {}): OriginSetting =>
  fallback === undefined ? { kind: 'origin', ...options } : { kind: 'origin', fallback, ...options }

/** Spread over a union of kinds, so that a shape whose names are forgotten holds texts and secrets alike. */
type ValueOf<T extends Setting> = T extends Setting
  ? (T extends SecretSetting ? Redacted : string) | (T extends { optional: true } ? undefined : never)
  : never

/** The values of a shape: secrets stay `Redacted`, optional ones without a value are missing. */
export type SettingsOf<S extends SettingsShape> = { readonly [K in keyof S]: ValueOf<S[K]> }

/** The environment name of a setting: `clientId` of `google-drive` is `GOOGLE_DRIVE_CLIENT_ID`. */
export function settingName(providerId: string, key: string): string {
  const snake = key.replace(/[A-Z]/g, (letter) => `_${letter}`)
  return `${providerId.replaceAll('-', '_')}_${snake}`.toUpperCase()
}
