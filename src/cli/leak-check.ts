/** Refuses recorded files that still look as if they held a secret or a person; values are never quoted. */
import type { Json, JsonObject } from '../lib/canonical-json.js'

export interface LeakFinding {
  readonly path: string
  readonly message: string
}

const PATTERNS: readonly (readonly [string, RegExp])[] = [
  ['a mail address', /[\w.+-]+@(?!example\.(com|org|net)\b)[\w-]+(\.[\w-]+)+/],
  ['a JSON web token', /eyJ[\w-]{8,}\.[\w-]{8,}/],
  ['a private key', /-----BEGIN/],
  [
    'a token',
    /\b(sk|pk|rk|whsec|ghp|gho|ghu|ghs|github_pat|glpat|xox[abprs]|shp[a-z]{2}|ya29|AKIA|AIza|SG)[_.-]?[\w-]{12,}/,
  ],
  ['an authorization header', /\b(bearer|basic)\s+[\w+/=.-]{8,}/i],
  ['a phone number', /\+(?!1 202 555 01)\d[\d ().-]{7,}\d/],
  ['an address of a network', /\b(?!127\.0\.0\.1)(\d{1,3}\.){3}\d{1,3}\b/],
]
const LONG = 20
const MOST_BITS = 3.6

/** `known`: secrets of this run and words of its account, which must be nowhere, in no form. */
export function findLeaks(file: string, value: Json, known: readonly string[]): readonly LeakFinding[] {
  const forms = known.filter((word) => word.length >= 3).flatMap(formsOf)
  const found: LeakFinding[] = []
  const look = (text: string, path: string): void => {
    const what =
      (forms.some((form) => text.toLowerCase().includes(form))
        ? 'something of this very account'
        : undefined) ??
      PATTERNS.find(([, pattern]) => pattern.test(text))?.[0] ??
      (isRandom(text) ? 'something random' : undefined)
    if (what !== undefined) found.push({ path, message: `looks like ${what}` })
  }
  const walk = (inner: Json, path: string): void => {
    if (typeof inner === 'string' || typeof inner === 'number') look(String(inner), path)
    else if (Array.isArray(inner))
      (inner as readonly Json[]).forEach((member, index) => {
        walk(member, `${path}/${index}`)
      })
    else if (typeof inner === 'object' && inner !== null)
      Object.entries(inner as JsonObject).forEach(([key, member], index) => {
        // The key itself may be what must not be told.
        look(key, `${path}/(member ${index})`)
        walk(member ?? null, `${path}/${index}`)
      })
  }
  walk(value, file)
  return found
}

function formsOf(word: string): readonly string[] {
  const base64 = Buffer.from(word, 'utf8').toString('base64').replace(/=+$/, '')
  const forms = [word, encodeURIComponent(word), Buffer.from(word, 'utf8').toString('hex')]
  // The end of base64 depends on what follows.
  if (word.length >= 8) forms.push(base64.slice(0, -2), Array.from(word).reverse().join(''))
  return forms.map((form) => form.toLowerCase())
}

/** A run of characters without spaces that nobody would type. */
function isRandom(text: string): boolean {
  return text
    .split(/[\s/?&=,;:"@.-]+/)
    .some((run) => run.length >= LONG && /\d/.test(run) && /[A-Za-z]/.test(run) && bitsOf(run) > MOST_BITS)
}

function bitsOf(text: string): number {
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  return [...counts.values()].reduce(
    (sum, count) => sum - (count / text.length) * Math.log2(count / text.length),
    0,
  )
}
