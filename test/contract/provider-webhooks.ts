/** Suite A, rule A14: deliveries from a service, sound ones and all that only look like them. */
import { isDeepStrictEqual } from 'node:util'
import {
  Redacted,
  reveal,
  type Auth,
  type Delivery,
  type DeliverySecrets,
  type Registration,
  type SettingsShape,
  type Verdict,
  type Webhooks,
} from '../../src/provider/index.js'
import { BrokenRule, must } from '../support/broken-rule.js'
import { poisoned } from '../support/poison.js'
import type { ProviderCase } from '../support/provider-case.js'
import { exchangeKey, replayOf } from '../support/provider-replay.js'
import { fetchContext } from '../support/provider-run.js'
import { NOW, SECRET, testFields } from '../support/provider-settings.js'
import { deliveryOf, endpointOf, secretsFor, SIGNING } from '../support/sign-delivery.js'
import type { DeliveryFixture, WebhookFixtures } from '../support/webhook-fixtures.js'

const OTHER_KEY = 'another-key-that-nobody-gave-out'
const DEFAULT_WINDOW_MS = 300_000

interface Part {
  readonly one: ProviderCase
  readonly webhooks: Webhooks
  readonly fixtures: WebhookFixtures
  /** Where deliveries are written. */
  readonly file: string
  readonly code: string
}

/** A14: what the service sends is accepted; what is forged, changed, late or under another key is refused; pure. */
export async function a14Webhooks(one: ProviderCase): Promise<void> {
  const { webhooks } = one.provider
  const { webhooks: fixtures, path, sources } = one
  if (webhooks === undefined || fixtures === undefined) return
  const code = `${path}/${'webhooks.ts' in sources ? 'webhooks.ts' : 'index.ts'}`
  const part: Part = { one, webhooks, fixtures, file: `${path}/fixtures/webhooks.json`, code }
  checkFacts(part)
  for (const delivery of fixtures.deliveries) {
    checkExpected(part, delivery)
    if (delivery.expected.kind === 'accepted') checkForgeries(part, delivery)
    else if (delivery.expected.kind === 'handshake') checkHandshake(part, delivery)
  }
  await checkRegistration(part)
}

function checkFacts({ one, webhooks, fixtures, file, code }: Part): void {
  const names = one.provider.streams.map(({ name }) => name)
  const unknown = webhooks.streams.find((name) => !names.includes(name))
  must(unknown === undefined, `webhooks tell of '${unknown}', which is no stream`, code)
  must(webhooks.scheme.trim() !== '', 'scheme is empty', code)
  const needsSetup = webhooks.scope === 'app' || webhooks.register === undefined
  must(!needsSetup || (webhooks.setup ?? '').trim() !== '', 'setup does not say what an operator does', code)
  const { deliveries, sign } = fixtures
  const accepted = deliveries.filter(({ expected }) => expected.kind === 'accepted')
  must(accepted.length > 0, 'no delivery is accepted', file)
  const ids = accepted.map(({ expected }) => (expected.kind === 'accepted' ? expected.deliveryId : ''))
  must(new Set(ids).size === ids.length, 'two deliveries have one deliveryId', file)
  const setting = /^setting:(.+)$/.exec(sign.key)?.[1]
  const isKey = setting === undefined || one.provider.settings[setting]?.kind === 'secret'
  must(isKey, `there is no secret setting '${setting}'`, file)
}

/** The verdict, the same twice, without clock, random or network. */
function verdictOf(
  { webhooks, code }: Part,
  delivery: Delivery,
  secrets: DeliverySecrets<SettingsShape>,
): Verdict {
  const verify = () => webhooks.verify(Object.freeze({ ...delivery }), secrets)
  try {
    const [once, twice] = poisoned(() => [verify(), verify()] as const)
    must(isDeepStrictEqual(once, twice), 'verify says something else the second time', code)
    return once
  } catch (error) {
    if (error instanceof BrokenRule) throw error
    throw new BrokenRule(`verify throws, or is not pure: ${String(error)}`, code)
  }
}

function checkExpected(part: Part, fixture: DeliveryFixture): void {
  const { why, expected } = fixture
  const verdict = verdictOf(part, deliveryOf(part.one, fixture), secretsFor(part.one, fixture))
  const same =
    expected.kind === 'refused'
      ? verdict.kind === 'refused'
      : isDeepStrictEqual(plain(verdict), plain(expected))
  must(same, `'${why}' gives ${JSON.stringify(verdict)}`, part.file)
  if (verdict.kind !== 'accepted') return
  const { streams } = part.webhooks
  const foreign = verdict.events.find(({ stream }) => stream !== undefined && !streams.includes(stream))
  must(foreign === undefined, `'${why}' tells of '${foreign?.stream}', which is not declared`, part.code)
  if (part.fixtures.sign.timestamp !== undefined && fixture.recorded === undefined)
    must(verdict.sentAtMs === NOW, `'${why}': sentAtMs is not the time that is signed`, part.code)
}

const plain = (value: Verdict | DeliveryFixture['expected']): unknown => JSON.parse(JSON.stringify(value))

/** Everything that looks like a sound delivery and is none. */
function checkForgeries(part: Part, fixture: DeliveryFixture): void {
  const { one, code, fixtures, webhooks } = part
  const { sign } = fixtures
  const sound = deliveryOf(one, fixture)
  const secrets = secretsFor(one, fixture)
  const refuse = (delivery: Delivery, what: string, other = secrets) => {
    const verdict = verdictOf(part, delivery, other)
    must(verdict.kind === 'refused', `'${fixture.why}' with ${what} is ${verdict.kind}`, code)
  }
  refuse(sound, 'another key', secretsFor(one, fixture, OTHER_KEY))
  for (const name of signatureNames(fixture, sign.headers)) {
    const { [name]: value = '', ...rest } = sound.headers
    refuse({ ...sound, headers: rest }, `no header ${name}`)
    refuse({ ...sound, headers: { ...rest, [name]: '' } }, `an empty header ${name}`)
    refuse({ ...sound, headers: { ...rest, [name]: flipped(value) } }, `a flipped header ${name}`)
  }
  if (sign.algorithm !== 'token' && sign.parts.some((text) => text.includes('{body}')))
    for (const at of new Set([0, sound.body.length >> 1, sound.body.length - 1]))
      if (at >= 0) refuse({ ...sound, body: flippedAt(sound.body, at) }, `byte ${at} of its body flipped`)
  if (sign.timestamp === undefined || fixture.recorded !== undefined) return
  const lateMs = NOW - (webhooks.replayWindowMs ?? DEFAULT_WINDOW_MS) - 60_000
  const late = verdictOf(part, deliveryOf(one, fixture, { ...SIGNING, atMs: lateMs }), secrets)
  const isTold = late.kind === 'refused' || (late.kind === 'accepted' && late.sentAtMs === lateMs)
  must(isTold, `'${fixture.why}': an old delivery is accepted, and sentAtMs does not tell its age`, code)
}

/** The headers that prove something, as this delivery has them. */
function signatureNames({ recorded, headers = {} }: DeliveryFixture, signed: object): readonly string[] {
  const names = Object.keys(signed).map((name) => name.toLowerCase())
  const own = Object.keys(headers).map((name) => name.toLowerCase())
  return recorded === undefined ? names : names.filter((name) => own.includes(name))
}

/** The last letter or digit is another: of a signature, a time, or a key. */
function flipped(text: string): string {
  const at = text.search(/[A-Za-z0-9][^A-Za-z0-9]*$/)
  // The last digit of base64 may hold bits that count for nothing.
  const place = Math.max(0, at - 2)
  return `${text.slice(0, place)}${text[place] === '0' ? '1' : '0'}${text.slice(place + 1)}`
}

function flippedAt(body: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(body)
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}

/** One that shows the key is answered only under that key. */
function checkHandshake(part: Part, fixture: DeliveryFixture): void {
  const { one, code } = part
  const shown = JSON.stringify([fixture.url, fixture.headers, fixture.body])
  if (!shown.includes('{key}')) return
  const verdict = verdictOf(part, deliveryOf(one, fixture), secretsFor(one, fixture, OTHER_KEY))
  must(verdict.kind === 'refused', `'${fixture.why}' is answered under another key`, code)
}

async function checkRegistration({ one, webhooks, fixtures, file, code }: Part): Promise<void> {
  const { streams } = webhooks
  must(
    (fixtures.registration !== undefined) === (webhooks.register !== undefined),
    'registration and register go together',
    file,
  )
  const { settings, account, now, signal } = fetchContext(one)
  const fields = testFields(one, kindOfFields(one))
  const context = { settings, fields, account, now, signal }
  const wish = { url: endpointOf(one), secret: new Redacted(SECRET), streams }
  if (webhooks.register !== undefined) {
    const http = replayOf(one)
    const made = await webhooks.register(http, wish, context)
    must(
      isDeepStrictEqual(shown(made), plainRegistration(fixtures)),
      `register returns ${JSON.stringify(shown(made))}`,
      file,
    )
    must(
      !JSON.stringify(made.state ?? {}).includes(SECRET),
      'the state of a registration holds its secret',
      code,
    )
    checkMade(one, 'webhook-register', http.calls, code)
  }
  if (webhooks.remove !== undefined) {
    const http = replayOf(one)
    const { id = 'registration-1', state } = fixtures.registration ?? {}
    const secret = new Redacted(fixtures.registration?.secret ?? SECRET)
    const registration = { id, secret, ...(state && { state }) } as Registration
    await webhooks.remove(http, registration, context)
    checkMade(one, 'webhook-remove', http.calls, code)
  }
}

const plainRegistration = ({ registration }: WebhookFixtures): unknown =>
  JSON.parse(JSON.stringify(registration ?? {}))

function shown({ secret, ...rest }: Registration): unknown {
  return JSON.parse(JSON.stringify({ ...rest, ...(secret && { secret: reveal(secret) }) }))
}

function checkMade(
  { calls, path }: ProviderCase,
  name: string,
  made: ReturnType<typeof replayOf>['calls'],
  code: string,
): void {
  const keys = made.flatMap(({ exchange }) => (exchange ? [exchangeKey(exchange)] : []))
  const missing = (calls[name] ?? []).find((exchange) => !keys.includes(exchangeKey(exchange)))
  must(missing === undefined, `${path}/fixtures/${name}.json: ${missing?.request} is not called`, code)
}

/** The first way to connect that asks for all fields of `fields.json`: not every one may register. */
function kindOfFields({ provider, fieldTexts }: ProviderCase): Auth {
  const names = Object.keys(fieldTexts)
  return provider.auth.find(({ fields = {} }) => names.every((name) => name in fields)) ?? provider.auth[0]
}
