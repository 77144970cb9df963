/** Calendars and their events: containers, each with a list and a sync token of its own. */
import { idAt, indexIn, timeOf, type Generated, type Item, type Oddity } from './item.js'
import type { Person } from './people.js'
import { randomAt, seedOf, type Random } from './random.js'
import { textOf } from './sentences.js'

const calendars = [
  { id: 'work', name: 'Work', description: 'Shifts, deliveries, meetings', share: 3 },
  { id: 'home', name: 'Home 🏡', description: null, share: 2 },
  { id: 'reading', name: 'حلقة القراءة', description: 'Once a week, tea included', share: 1 },
] as const
const SHARES = 6

export const calendarIds: readonly string[] = calendars.map((calendar) => calendar.id)

/** How many of `events` a calendar holds: a half, a third, a sixth. */
export function eventsIn(calendarId: string, events: number): number {
  const at = calendars.findIndex((calendar) => calendar.id === calendarId)
  const before = calendars.slice(0, Math.max(at, 0)).reduce((sum, calendar) => sum + calendar.share, 0)
  const share = calendars[at]?.share ?? 0
  return Math.floor((events * (before + share)) / SHARES) - Math.floor((events * before) / SHARES)
}

export function generateCalendars(person: Person): Generated {
  return {
    size: calendars.length,
    at: (index) => {
      const known = calendars[index]
      return {
        id: known?.id ?? `calendar-${index}`,
        name: known?.name ?? `Calendar ${index + 1}`,
        description: known?.description ?? null,
        timezone: person.timezone,
        location: null,
        createdAt: '2016-01-04T00:00:00.000Z',
      }
    },
    indexOf: (id) => {
      const at = calendarIds.indexOf(id)
      const digits = /^calendar-(\d+)$/.exec(id)?.[1]
      return at >= 0 ? at : digits === undefined ? undefined : Number(digits)
    },
  }
}

/** In every 50 events of a calendar one is broken: no start, or an organizer without an address. */
export function eventOddity(index: number): Oddity {
  return index % 50 === 20 ? 'broken' : 'plain'
}

export function generateEvents(seed: string, person: Person, calendarId: string, size: number): Generated {
  const base = seedOf(`${seed}/${person.id}/events/${calendarId}`)
  const prefix = `${calendarId}-event-`
  return {
    size,
    touched: 'updatedAt',
    at: (index) => makeEvent(randomAt(base, index), person, { calendarId, prefix, index, size }),
    indexOf: (id) => indexIn(prefix, id),
  }
}

interface Place {
  readonly calendarId: string
  readonly prefix: string
  readonly index: number
  readonly size: number
}

const guests = [
  { email: 'amara@mail.example', name: 'Amara Adeyemi' },
  { email: 'hanako@mail.example', name: '星野 花子' },
  { email: 'o.neill@mail.example', name: null },
  { email: 'fatima@mail.example', name: 'فاطمة الزهراء' },
]

function makeEvent(random: Random, person: Person, place: Place): Item {
  const { index, size } = place
  const broken = index < size && eventOddity(index) === 'broken'
  const start = timeOf(index, size, random.int(1_200))
  const allDay = random.chance(15)
  const end = new Date(start.getTime() + (1 + random.int(8)) * 1_800_000)
  const time = (at: Date) =>
    allDay
      ? { date: at.toISOString().slice(0, 10), timezone: person.timezone }
      : { dateTime: at.toISOString(), timezone: person.timezone }
  return {
    id: idAt(place.prefix, index),
    calendarId: place.calendarId,
    status: random.pick(['confirmed', 'confirmed', 'confirmed', 'tentative', 'cancelled']),
    title: random.chance(95) ? textOf(random, person.language, 1) : null,
    description: random.chance(50) ? textOf(random, 'en', 1 + random.int(10)) : null,
    location: random.chance(40)
      ? random.pick(['Pier 4', 'Backstube', 'الحديقة النباتية', 'https://meet.example/blue-door'])
      : null,
    start: broken && index % 100 === 20 ? null : time(start),
    end: random.chance(90) ? time(end) : null,
    organizer: {
      email: broken && index % 100 !== 20 ? 'ask at the desk' : `${person.id}@mail.example`,
      name: person.name,
    },
    attendees: guests.slice(0, random.int(guests.length + 1)),
    url: `https://sandbox.example/calendar/${place.calendarId}/${index}`,
    createdAt: new Date(start.getTime() - 14 * 86_400_000).toISOString(),
    updatedAt: random.chance(25) ? new Date(start.getTime() - 86_400_000).toISOString() : null,
  }
}
