/** Makes odd items out of a good one, and puts them into a recorded page in its place. */
import { isDeepStrictEqual } from 'node:util'
import type { Json, JsonObject } from '../../src/lib/canonical-json.js'
import { BrokenRule } from './broken-rule.js'
import type { ProviderCase } from './provider-case.js'
import { fixturesOf, requestKey } from './provider-replay.js'

type Path = readonly (string | number)[]

/** Bodies that are JSON and no page of any service. */
export const hostileBodies: readonly Json[] = [null, [], 'text', 7, {}, { error: { message: 'odd' } }]

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
  readonly request: string
  /** Where in its body. */
  readonly path: Path
}

/** Which of a page's calls brought the items. @throws BrokenRule when the item is in no list of any answer */
export function itemsPlace(one: ProviderCase, requests: readonly string[], item: Json): ItemsPlace {
  for (const request of requests) {
    const recorded = fixturesOf(one).find((exchange) => requestKey(exchange.request) === requestKey(request))
    const path = recorded && findList(recorded.body, item)
    if (path !== undefined) return { request, path }
  }
  throw new BrokenRule('no list in the recorded answers holds the items of a page', `${one.path}/fixtures`)
}

/** The body with other items. */
export function withItems(body: Json, path: Path, items: readonly Json[]): Json {
  return setAt(body, path, items)
}

function findList(value: Json, item: Json): Path | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value) && value.some((member) => isDeepStrictEqual(member, item))) return []
  for (const [name, member] of Object.entries(value)) {
    const rest = member === undefined ? undefined : findList(member as Json, item)
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
