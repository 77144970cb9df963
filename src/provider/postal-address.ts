/** Addresses of services in the one form that the finance, commerce and CRM schemas take. */
import type { JsonObject } from '../lib/canonical-json.js'

type Part = string | null | undefined

export interface AddressParts {
  readonly type?: 'postal' | 'billing' | 'delivery' | 'office' | 'home' | 'other'
  readonly name?: Part
  /** From the top; empty ones are left out. */
  readonly lines?: readonly Part[]
  readonly city?: Part
  readonly region?: Part
  readonly postalCode?: Part
  /** A code of two letters in any case, or the name of the country. */
  readonly country?: Part
}

/** The text without blanks around it; undefined when nothing is left. */
export function filled(text: Part): string | undefined {
  const trimmed = text?.trim()
  return trimmed === '' ? undefined : trimmed
}

/** Without empty parts; undefined when only its type would be left. */
export function postalAddress({ type, lines = [], country, ...parts }: AddressParts): JsonObject | undefined {
  const land = filled(country)
  const code = land !== undefined && /^[A-Za-z]{2}$/.test(land) ? land.toUpperCase() : undefined
  const streets = lines.flatMap((line) => filled(line) ?? [])
  const found = Object.entries({
    name: filled(parts.name),
    lines: streets.length === 0 ? undefined : streets,
    city: filled(parts.city),
    region: filled(parts.region),
    postalCode: filled(parts.postalCode),
    country: code,
    countryName: code === undefined ? land : undefined,
  }).filter(([, part]) => part !== undefined)
  if (found.length === 0) return undefined
  return { ...(type && { type }), ...Object.fromEntries(found) }
}
