/** Makes odd items out of a good one, and puts them into a recorded page in its place. */
import { isDeepStrictEqual } from 'node:util'
import type { Json, JsonObject } from '../../src/lib/canonical-json.js'
import { BrokenRule } from './broken-rule.js'
import type { Exchange } from './provider-case.js'
import type { ReplayedCall } from './provider-replay.js'

type Path = readonly (string | number)[]

/**
 * Bodies that are JSON and no page of a service. Where a page is a bare list, an empty list is one; and what another
 * call of the same path is recorded with is none of them: some services leave everything out of an empty page.
 */
export function hostileBodies(recorded: Exchange, fixtures: readonly Exchange[]): readonly Json[] {
  const known = fixtures.filter(({ request }) => pathOf(request) === pathOf(recorded.request))
  const others = [null, 'text', 7, {}, { error: { message: 'odd' } }]
  const bodies = Array.isArray(recorded.body) ? others : [[], ...others]
  return bodies.filter((odd) => !known.some(({ body }) => isDeepStrictEqual(body, odd)))
}

const pathOf = (request: string): string => request.replace(/[?#].*$/, '')

const LONG = 'x'.repeat(2_000_000)
const TEXTS: readonly Json[] = ['', ' ', '\u0000\ud800', '<script>alert(1)</script>', '-1', 'not-a-date']
const OTHERS: readonly Json[] = [null, 0, -1, 1e300, true, [], [null], {}, { nested: { deep: [] } }]

/** No item at all, and the good item with each of its members gone, empty, of another type, or huge. */
export function hostileItems(good: Json): readonly Json[] {
  const paths = membersOf(good)
  return [
    ...[null, 0, 'text', [], {}, [[]]],
    { ...(good as JsonObject), unknownMember: { a: [1] } },
    JSON.parse(`{"__proto__":{"polluted":true},"constructor":1,${JSON.stringify(good).slice(1)}`) as Json,
    ...paths.map((path) => setAt(good, path, undefined)),
    ...paths.flatMap((path) => [...TEXTS, ...OTHERS].map((value) => setAt(good, path, value))),
    ...paths.filter((path) => typeof at(good, path) === 'string').map((path) => setAt(good, path, LONG)),
  ]
}

export interface ItemsPlace {
  /** The call whose answer holds the items. */
  readonly exchange: Exchange
  /** The list in its body that holds them; missing where the item is the whole body. */
  readonly path: Path | undefined
}

/**
 * Which of a page's calls brought an item: as a member of a list, as a whole body (services that are asked for each
 * item), or as a member to which the stream added what it asked for, such as its container.
 * @throws BrokenRule when no answer holds the item
 */
export function itemsPlace(calls: readonly ReplayedCall[], item: Json, fixtures: string): ItemsPlace {
  for (const isItem of [isDeepStrictEqual, isPartOf]) {
    for (const { exchange } of calls) {
      if (exchange === undefined) continue
      const path = findList(exchange.body, (member) => isItem(member, item))
      if (path !== undefined || isDeepStrictEqual(exchange.body, item)) return { exchange, path }
    }
  }
  throw new BrokenRule('no recorded answer holds the items of a page', fixtures)
}

/** Whether the item has all that the member has. */
export function isPartOf(member: unknown, item: Json): boolean {
  if (typeof member !== 'object' || member === null || Array.isArray(member)) return false
  const entries = Object.entries(member)
  return (
    entries.length > 0 &&
    entries.every(([name, value]) => isDeepStrictEqual(value, (item as JsonObject | null)?.[name]))
  )
}

/** The body with other items. */
export function withItems(body: Json, path: Path, items: readonly Json[]): Json {
  return setAt(body, path, items)
}

function findList(value: Json, isItem: (member: unknown) => boolean): Path | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value) && value.some(isItem)) return []
  for (const [name, member] of Object.entries(value)) {
    const rest = member === undefined ? undefined : findList(member as Json, isItem)
    if (rest !== undefined) return [name, ...rest]
  }
  return undefined
}

/** The paths of all members, nested ones too, to a depth of three. */
function membersOf(value: Json, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null || path.length === 3) return []
  return Object.entries(value).flatMap(([name, member]) => [
    [...path, name],
    ...membersOf(member as Json, [...path, name]),
  ])
}

function at(value: Json | undefined, path: Path): Json | undefined {
  return path.reduce<Json | undefined>((inner, name) => (inner as JsonObject | undefined)?.[name], value)
}

function setAt(value: Json, path: Path, member: Json | undefined): Json {
  const [name, ...rest] = path
  if (name === undefined) return member ?? null
  const next = (value as JsonObject)[name]
  const inner = rest.length === 0 ? member : setAt(next ?? {}, rest, member)
  if (Array.isArray(value))
    return value.map((old: Json, index) => (index === Number(name) ? (inner ?? null) : old))
  const others = Object.entries(value as JsonObject).filter(([other]) => other !== name)
  return Object.fromEntries(inner === undefined ? others : [...others, [name, inner]])
}
