/** Comments under files and events: none to three, always the same ones. Nobody changes them. */
import { people, type Person } from './people.js'
import { randomAt, seedOf } from './random.js'
import { textOf } from './sentences.js'

export interface Comment {
  readonly id: string
  readonly item: string
  readonly text: string
  readonly author: { readonly id: string; readonly name: string }
  readonly createdAt: string
  readonly editedAt: string | null
}

const MOST = 4
const FIRST_DAY = Date.UTC(2024, 0, 1)
const HOUR_MS = 3_600_000

/** The oldest first. */
export function commentsOn(seed: string, person: Person, item: string): readonly Comment[] {
  const base = seedOf(`${seed}/${person.id}/comments/${item}`)
  return Array.from({ length: randomAt(base, 0).int(MOST) }, (_, index) => {
    const random = randomAt(base, index + 1)
    const { id, name, language } = random.pick(people)
    const createdMs = FIRST_DAY + (index * 1_000 + random.int(1_000)) * HOUR_MS
    return {
      id: `${item}-comment-${index}`,
      item,
      text: textOf(random, language, 1 + random.int(2)),
      author: { id, name },
      createdAt: new Date(createdMs).toISOString(),
      editedAt: random.chance(30) ? new Date(createdMs + HOUR_MS).toISOString() : null,
    }
  })
}
