/** The people who have an account at the sandbox service. All of them are made up. */
import type { Language } from './sentences.js'

export interface Person {
  readonly id: string
  readonly name: string
  readonly handle: string
  readonly about: string
  /** Written most of the time; the others now and then. */
  readonly language: Language
  /** Offset of the person's calendars, as `+01:00`. */
  readonly timezone: string
  /** Two colours of the drawn avatar. */
  readonly colours: readonly [string, string]
}

export const people: readonly Person[] = [
  {
    id: 'maya',
    name: 'Maya Okafor',
    handle: 'maya.okafor',
    about: 'Boat builder, Lisbon',
    language: 'en',
    timezone: '+01:00',
    colours: ['#0f766e', '#5eead4'],
  },
  {
    id: 'jonas',
    name: 'Jonas Lindqvist',
    handle: 'jlindqvist',
    about: 'Night baker and cyclist, Bremen',
    language: 'de',
    timezone: '+02:00',
    colours: ['#9a3412', '#fdba74'],
  },
  {
    id: 'noor',
    name: 'نور حدّاد',
    handle: 'noor.haddad',
    about: 'Botanist, writes from right to left',
    language: 'ar',
    timezone: '+03:00',
    colours: ['#6d28d9', '#c4b5fd'],
  },
]

export function personById(id: string): Person | undefined {
  return people.find((person) => person.id === id)
}
