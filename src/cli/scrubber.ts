/**
 * Replaces what is somebody's in recorded answers by stable fakes and keeps their structure. What it does not know as a
 * plain word, a time or an amount is replaced: a text is somebody's until it looks like nobody's.
 */
import type { Json, JsonObject } from '../lib/canonical-json.js'

export interface ScrubberOptions {
  /** Origins of the service, and what stands for them: itself, `{origin}` or `https://{field:shop}`. */
  readonly origins: ReadonlyMap<string, string>
  /** Words of the account: its id, its names. */
  readonly own: readonly string[]
}

export interface Scrubber {
  body(value: Json): Json
  /** An address that was called. */
  address(url: string): string
}

const SECRET = /token|secret|passw|authoriz|api_?key|signature|session|cookie|credential|private/i
const PERSONAL =
  /name|user|login|owner|author|person|member|handle|nick|slug|customer|assignee|reporter|creator|sender|recipient|from|^to$|city|street|address|zip|postal|company|org|contact|title|bio|label/i
const PHONE = /phone|mobile|fax|^tel|cell/i
const MAIL = /[\w.+-]+@[\w-]+(\.[\w-]+)+/
const TIME = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$|^[+-]\d\d:?\d\d$/
const AMOUNT = /^-?\d{1,6}(\.\d{1,4})?$/
/** `paid`, `USD`, `en-US`, `image/png`, `Europe/Berlin`, `social#item`: no digits, no spaces. */
const WORD = /^[A-Za-z]+([_.#:/-][A-Za-z]+){0,4}$/
const MEMBER = /^[A-Za-z_$@][A-Za-z_$@.:-]*\d{0,2}$/
const ID_NAME = /^(id|key|uuid|guid|etag|sid|gid|number)$|[_-]id$|[a-z]Id$|ID$/
const BIRTH = /birth|^dob$/i
const PLACE = /^(lat|lng|lon|latitude|longitude)$/i

export function createScrubber({ origins, own }: ScrubberOptions): Scrubber {
  const fakes = new Map<string, string>()
  const counts = new Map<string, number>()
  const mine = own.filter((word) => word.length >= 3).map((word) => word.toLowerCase())

  function next(kind: string): number {
    const count = (counts.get(kind) ?? 0) + 1
    counts.set(kind, count)
    return count
  }

  /** The same for the same original, in every file. */
  function fake(original: string, make?: () => string): string {
    const known = fakes.get(original)
    if (known !== undefined) return known
    const made = (make ?? (() => fakeOf(original)))()
    fakes.set(original, made)
    return made
  }

  function fakeOf(original: string): string {
    if (MAIL.test(original)) return `person-${next('mail')}@example.com`
    if (/^\d+$/.test(original)) return String(10 ** (Math.min(original.length, 15) - 1) + next('id'))
    if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(original))
      return `00000000-0000-4000-8000-${String(next('id')).padStart(12, '0')}`
    if (/^\S+$/.test(original) && /\d/.test(original)) return `id-${next('id')}`
    return `Text ${next('text')}`
  }

  const isOwn = (text: string): boolean => mine.some((word) => text.toLowerCase().includes(word))

  function text(value: string, name: string): string {
    if (value === '' || fakes.has(value)) return fakes.get(value) ?? value
    if (SECRET.test(name) && !/^(bearer|basic)$/i.test(value)) return 'scrubbed'
    if (/^https?:\/\//i.test(value)) return address(value)
    if (PHONE.test(name))
      return fake(value, () => `+1 202 555 01${String(next('phone') % 100).padStart(2, '0')}`)
    if (BIRTH.test(name)) return fake(value, () => '1990-01-01')
    if (TIME.test(value)) return value
    if (AMOUNT.test(value) && !ID_NAME.test(name)) return value
    if (ID_NAME.test(name)) return fake(value, MAIL.test(value) ? undefined : () => idLike(value))
    if (/name|login|handle|nick|slug/i.test(name)) return fake(value, () => `Name ${next('name')}`)
    if (WORD.test(value) && value.length <= 40 && !PERSONAL.test(name) && !isOwn(value)) return value
    return fake(value)
  }

  function idLike(value: string): string {
    const made = fakeOf(value)
    return made.startsWith('Text ') ? `id-${next('id')}` : made
  }

  function number(value: number, name: string): number {
    if (PLACE.test(name)) return 0
    const isTime = value > 5e8 && value < 4e12 && !ID_NAME.test(name)
    const isLarge = Number.isInteger(value) && Math.abs(value) >= 1e7
    if (!isTime && (isLarge || (ID_NAME.test(name) && Number.isInteger(value))))
      return Number(fake(String(value), () => String(1_000 + next('id'))))
    return value
  }

  function body(value: Json, name = ''): Json {
    if (typeof value === 'string') return text(value, name)
    if (typeof value === 'number') return number(value, name)
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return (value as readonly Json[]).map((inner) => body(inner, name))
    const entries = Object.entries(value as JsonObject).flatMap(([key, inner]) =>
      inner === undefined ? [] : [[member(key), body(inner, MEMBER.test(key) ? key : name)] as const],
    )
    return Object.fromEntries(entries)
  }

  const member = (key: string): string =>
    MEMBER.test(key) && !MAIL.test(key) && !isOwn(key) ? key : fake(key)

  function part(value: string, name = ''): string {
    if (value === '' || fakes.has(value)) return fakes.get(value) ?? value
    if (SECRET.test(name)) return 'scrubbed'
    if (/^v?\d{1,4}(\.\d+)*$/.test(value) || TIME.test(value)) return value
    if (/^[A-Za-z_$@.,:*()\-/ ]+$/.test(value) && !isOwn(value) && !MAIL.test(value)) return known(value)
    const replaced = known(value)
    return replaced === value ? fake(value) : replaced
  }

  /** Ids that code put together with words of its own. */
  function known(value: string): string {
    let replaced = value
    for (const [original, other] of fakes)
      if (original.length >= 4) replaced = replaced.replaceAll(original, other)
    return replaced
  }

  function address(url: string): string {
    if (!URL.canParse(url)) return fake(url)
    const { origin, pathname, searchParams } = new URL(url)
    const shown = origins.get(origin)
    if (shown === undefined) return fake(url, () => `https://www.example.com/item-${next('link')}`)
    const path = pathname.split('/').map((segment) => encodeURIComponent(part(decoded(segment))))
    const query = new URLSearchParams(
      [...searchParams].map(([name, value]): [string, string] => [name, part(value, name)]),
    )
    return `${shown}${path.join('/')}${query.size > 0 ? `?${query.toString()}` : ''}`
  }

  return { body: (value) => body(value), address }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
