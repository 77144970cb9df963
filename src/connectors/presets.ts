/** Ready choices of a provider: which streams, how often, and how its interface is spoken to. */
import { inSnakeCase } from '../lib/snake-case.js'
import type { Auth, Preset, Provider } from '../provider/index.js'
import { invalid } from './invalid.js'

const EVERYTHING: Preset = {
  id: 'everything-daily',
  label: 'Everything, once a day',
  description: 'All that the account lets this node read, every day.',
  syncFrequency: 'daily',
}

/** The provider's own first; one that every provider has is the last. */
export const presetsOf = ({ presets = [] }: Pick<Provider, 'presets'>): readonly Preset[] => [
  ...presets,
  EVERYTHING,
]

/** What a preset can say, beside the id of one. */
export interface PresetWishes {
  readonly preset?: string | undefined
  readonly streams?: readonly string[] | null | undefined
  readonly syncFrequency?: string | null | undefined
  readonly config?: unknown
  readonly fields?: Readonly<Record<string, string>> | undefined
}

/** The wishes with what their preset adds; what they say themselves goes before it. @throws NodeError REQUEST_INVALID: no such preset */
export function withPreset<W extends PresetWishes>(provider: Provider, auth: Auth, wishes: W): W {
  if (wishes.preset === undefined) return wishes
  const presets = presetsOf(provider)
  const chosen = presets.find(({ id }) => id === wishes.preset)
  if (chosen === undefined)
    throw invalid('preset', `must be one of ${presets.map(({ id }) => id).join(', ')}`)
  const { streams = null, syncFrequency = null, fields = {} } = chosen
  const own = Object.entries(fields).filter(([name]) => auth.fields?.[name] !== undefined)
  const added = (given: unknown): unknown =>
    isRecord(given)
      ? { ...Object.fromEntries(own.filter(([name]) => !(inSnakeCase(name) in given))), ...given }
      : given
  return {
    ...wishes,
    streams: wishes.streams === undefined ? streams : wishes.streams,
    syncFrequency: wishes.syncFrequency === undefined ? syncFrequency : wishes.syncFrequency,
    config: added(wishes.config),
    ...(own.length > 0 && auth.kind === 'oauth2' && { fields: added(wishes.fields ?? {}) }),
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
