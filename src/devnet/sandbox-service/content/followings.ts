/** The people and pages someone follows: a plain list without times of change. */
import { idAt, indexIn, timeOf, type Generated, type Item, type Oddity } from './item.js'
import type { Person } from './people.js'
import { randomAt, seedOf, type Random } from './random.js'
import { textOf, type Language } from './sentences.js'

const firstNames = [
  'Amara',
  'Björn',
  'Chiara',
  'דנה',
  'Émile',
  'فاطمة',
  'Grzegorz',
  '花子',
  'Ìdòwú',
  'Jürgen',
  'Krzysztof',
  'Łucja',
  'Marisol',
  'Nguyễn',
  'Οδυσσέας',
  'Priya',
]
const lastNames = [
  'Adeyemi',
  'Brandt',
  'Ferreira',
  'García Márquez',
  'Hoshino',
  'Ivanova',
  'Kaplan',
  'Mbeki',
  'O’Neill',
  'Øvergård',
  'Śliwa',
  'van der Berg',
  '王',
]
const pages = [
  'Harbour Museum',
  'Nachtzug Freunde',
  'مكتبة الحي',
  'Slow Bread Society',
  '京都植物園',
  'Rádio Maré',
  'Bicycle Kitchen',
  'Weather from the Roof',
]

/** In every 100 followings one is broken: no name, or a day that is none. */
export function followingOddity(index: number): Oddity {
  return index % 100 === 55 ? 'broken' : 'plain'
}

export function generateFollowings(seed: string, person: Person, size: number): Generated {
  const base = seedOf(`${seed}/${person.id}/followings`)
  return {
    size,
    at: (index) => makeFollowing(randomAt(base, index), index, size),
    indexOf: (id) => indexIn('user-', id),
  }
}

function makeFollowing(random: Random, index: number, size: number): Item {
  const broken = index < size && followingOddity(index) === 'broken'
  const kind = random.pick(['person', 'person', 'page'])
  const name = kind === 'page' ? random.pick(pages) : `${random.pick(firstNames)} ${random.pick(lastNames)}`
  const handle = `account${index}`
  const followedAt = timeOf(index, size, random.int(1_200)).toISOString()
  return {
    id: idAt('user-', index),
    kind,
    name: broken && index % 200 === 55 ? null : name,
    handle,
    bio: random.chance(60)
      ? textOf(random, random.pick<Language>(['en', 'fr', 'ja', 'ar', 'hi']), 1 + random.int(12))
      : null,
    avatarUrl: random.chance(70) ? `https://media.sandbox.example/avatars/${index}.png` : null,
    url: `https://sandbox.example/${handle}`,
    followedAt: broken && index % 200 !== 55 ? 'some time ago' : followedAt,
    mutual: random.chance(40),
  }
}
