/** Makes deliveries of a service, signed as `fixtures/webhooks.json` says. */
import { createHmac } from 'node:crypto'
import {
  Redacted,
  type Delivery,
  type DeliverySecrets,
  type SettingsShape,
} from '../../src/provider/index.js'
import type { ProviderCase } from './provider-case.js'
import { NOW, SECRET, testSettings } from './provider-settings.js'
import type { DeliveryFixture, SignFixture } from './webhook-fixtures.js'

/** What a test changes of a sound delivery. */
export interface Signing {
  readonly key: string
  readonly atMs: number
}
export const SIGNING: Signing = { key: SECRET, atMs: NOW }

/** Where the node listens for this provider. */
export const endpointOf = ({ name }: Pick<ProviderCase, 'name'>): string =>
  `https://node.test/webhooks/${name}/endpoint`

/** A delivery as the service would send it. */
export function deliveryOf(
  one: ProviderCase,
  fixture: DeliveryFixture,
  { key, atMs }: Signing = SIGNING,
): Delivery {
  const sign = one.webhooks?.sign
  const signing = { key: fixture.recorded?.key ?? key, atMs }
  const withKey = (text: string) => text.replaceAll('{key}', signing.key)
  const url = withKey(fixture.url ?? endpointOf(one))
  const { body: content } = fixture
  const text =
    content === undefined ? '' : typeof content === 'string' ? withKey(content) : JSON.stringify(content)
  const body = Buffer.from(text, 'utf8')
  const own = Object.entries(fixture.headers ?? {}).map(([name, value]) => [
    name.toLowerCase(),
    withKey(value),
  ])
  const bare: Delivery = {
    method: fixture.method,
    url,
    headers: Object.fromEntries(own) as Record<string, string>,
    body,
  }
  if (sign === undefined || fixture.recorded !== undefined) return bare
  return { ...bare, headers: { ...signatureHeaders(bare, sign, signing), ...bare.headers } }
}

/** The headers by which a delivery proves where it comes from. */
export function signatureHeaders(
  delivery: Delivery,
  sign: SignFixture,
  { key, atMs }: Signing,
): Readonly<Record<string, string>> {
  const timestamp = String(sign.timestamp === 's' ? Math.floor(atMs / 1_000) : atMs)
  const signature = sign.algorithm === 'token' ? key : digest(delivery, sign, { key, timestamp })
  const filled = Object.entries(sign.headers).map(([name, value]) => [
    name.toLowerCase(),
    value.replaceAll('{timestamp}', timestamp).replaceAll('{signature}', signature).replaceAll('{key}', key),
  ])
  return Object.fromEntries(filled) as Record<string, string>
}

function digest(
  { method, url, headers, body }: Delivery,
  { algorithm, encoding, parts }: SignFixture,
  { key, timestamp }: { readonly key: string; readonly timestamp: string },
): string {
  const hmac = createHmac(algorithm, key)
  const values: Readonly<Record<string, string | Uint8Array>> = { body, url, method, timestamp }
  for (const part of parts.flatMap((one) => one.split(/(\{[^}]+\})/))) {
    const name = /^\{(.+)\}$/.exec(part)?.[1]
    if (name === undefined) hmac.update(part)
    else hmac.update(name.startsWith('header:') ? (headers[name.slice(7)] ?? '') : (values[name] ?? part))
  }
  return hmac.digest(encoding)
}

/** What `verify` is given to check a delivery. */
export function secretsFor(
  one: ProviderCase,
  { recorded }: Pick<DeliveryFixture, 'recorded'>,
  key: string = recorded?.key ?? SECRET,
): DeliverySecrets<SettingsShape> {
  const { settings } = testSettings(one.provider)
  const setting = /^setting:(.+)$/.exec(one.webhooks?.sign.key ?? '')?.[1]
  return {
    settings: setting === undefined ? settings : { ...settings, [setting]: new Redacted(key) },
    secret: setting === undefined ? new Redacted(key) : undefined,
    nowMs: recorded?.nowMs ?? NOW,
  }
}
