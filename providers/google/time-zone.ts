/** IANA time zones as offsets such as +02:00, which is what the schemas want. Pure: no clock. */

const MINUTE_MS = 60_000
/** The offset of a calendar is that of its winter: its smaller one in this year. */
const YEAR = 2026

const formats = new Map<string, Intl.DateTimeFormat | undefined>()

/** Undefined for a zone that does not exist: nothing is guessed. */
function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  if (!formats.has(zone)) formats.set(zone, createFormat(zone))
  return formats.get(zone)
}

function createFormat(zone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** The offset of a zone at a moment: `+02:00`. */
export function offsetAt(zone: string | null | undefined, ms: number): string | undefined {
  if (zone === null || zone === undefined || zone.length > 64 || Number.isNaN(ms)) return undefined
  const name = formatOf(zone)
    ?.formatToParts(ms)
    .find(({ type }) => type === 'timeZoneName')?.value
  if (name === undefined) return undefined
  // `GMT`, `GMT+02:00`; before zones were standardized also seconds, which are left out.
  return name === 'GMT' ? '+00:00' : /^GMT([+-]\d\d:\d\d)/.exec(name)?.[1]
}

/** The zone's offset without daylight saving. */
export function standardOffset(zone: string): string | undefined {
  const offsets = [0, 6].flatMap((month) => offsetAt(zone, Date.UTC(YEAR, month, 15)) ?? [])
  return offsets.sort((a, b) => offsetMs(a) - offsetMs(b))[0]
}

/** The offset at the beginning of a day there: `date` is `2026-03-29`. */
export function offsetOfDay(zone: string | null | undefined, date: string): string | undefined {
  const local = Date.parse(`${date}T00:00:00Z`)
  const near = offsetAt(zone, local)
  // Around a change of the clock the first guess may be of the wrong side of it.
  return near === undefined ? undefined : offsetAt(zone, local - offsetMs(near))
}

function offsetMs(offset: string): number {
  const [hours = 0, minutes = 0] = offset.slice(1).split(':').map(Number)
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * MINUTE_MS
}
