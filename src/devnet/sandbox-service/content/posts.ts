/** Posts: the largest list, with everything in them that breaks a careless reader. */
import { idAt, indexIn, timeOf, type Generated, type Item, type Oddity } from './item.js'
import type { Person } from './people.js'
import { randomAt, seedOf, type Random } from './random.js'
import { escapeHtml, languageOf, tagsOf, textOf } from './sentences.js'

/** Two ids beyond 2^53 that are one and the same to a reader who turns them into doubles. */
const bigIds: ReadonlyMap<number, string> = new Map([
  [6, '9007199254740992'],
  [7, '9007199254740993'],
])
const bigIdIndex: ReadonlyMap<string, number> = new Map([...bigIds].map(([index, id]) => [id, index]))

const kinds = ['status', 'status', 'status', 'photo', 'photo', 'link', 'video', 'note', 'question'] as const

/** In every 200 posts one is broken (no address, or a kind that no schema knows); in every 300 one is a draft. */
export function postOddity(index: number): Oddity {
  if (index % 200 === 40) return 'broken'
  return index % 300 === 99 ? 'skipped' : 'plain'
}

export function generatePosts(seed: string, person: Person, size: number): Generated {
  const base = seedOf(`${seed}/${person.id}/posts`)
  return {
    size,
    touched: 'updatedAt',
    at: (index) => makePost(randomAt(base, index), person, index, size),
    indexOf: (id) => bigIdIndex.get(id) ?? indexIn('post-', id),
  }
}

function makePost(random: Random, person: Person, index: number, size: number): Item {
  const oddity = index < size ? postOddity(index) : 'plain'
  const language = languageOf(random, person.language)
  const text = specialText(index) ?? textOf(random, language, lengthOf(random, index))
  const created = timeOf(index, size, random.int(1_200))
  const id = bigIds.get(index) ?? idAt('post-', index)
  const kind = random.pick(kinds)
  return {
    id,
    kind: oddity === 'broken' && index % 400 !== 40 ? 'hologram' : kind,
    visibility: oddity === 'skipped' ? 'draft' : random.pick(['public', 'public', 'friends']),
    title: random.chance(30) ? textOf(random, language, 1) : null,
    text,
    html: random.chance(25) || index === 9 ? htmlOf(text, random) : null,
    language,
    url:
      oddity === 'broken' && index % 400 === 40
        ? null
        : `https://sandbox.example/${person.handle}/posts/${id}`,
    createdAt: created.toISOString(),
    updatedAt: random.chance(15)
      ? new Date(created.getTime() + random.int(86_400) * 1_000).toISOString()
      : null,
    author: { id: person.id, name: person.name, handle: person.handle },
    media: kind === 'photo' || kind === 'video' ? mediaOf(random, kind, index) : [],
    link:
      kind === 'link'
        ? { url: `https://news.example/articles/${random.int(90_000)}`, title: textOf(random, language, 1) }
        : null,
    place: random.chance(20)
      ? {
          name: random.pick(['Cais do Sodré', 'Überseestadt', 'جبيل', '鎌倉']),
          latitude: random.int(9_000) / 100,
          longitude: -random.int(9_000) / 100,
        }
      : null,
    reactions: { like: random.int(300), laugh: random.int(20), sad: random.int(5) },
    commentCount: random.int(40),
    tags: tagsOf(random),
  }
}

function lengthOf(random: Random, index: number): number {
  return index % 97 === 13 ? 120 : 1 + random.int(5)
}

/** Texts that must come through unharmed: a lone surrogate, a NUL, NFC beside NFD, markup that is only text. */
function specialText(index: number): string | undefined {
  if (index === 2) return 'Half an emoji was cut off here: \ud83d and the text goes on.'
  if (index === 3) return 'A zero character \u0000 hides in this line.'
  if (index === 4) return 'Café and Cafe\u0301 look alike and are not the same text.'
  if (index === 9) return '<script>alert("this is text, not a script")</script> & <b>bold claims</b>'
  if (index === 10) return ''
  return undefined
}

function htmlOf(text: string, random: Random): string {
  const image = random.chance(20)
    ? '<img src="https://media.sandbox.example/pixel.gif" onerror="alert(1)" alt="">'
    : ''
  return `<p dir="auto">${escapeHtml(text)}</p>${image}<p><a href="https://sandbox.example/about">more</a></p>`
}

function mediaOf(random: Random, kind: 'photo' | 'video', index: number): readonly Item[] {
  return Array.from({ length: 1 + random.int(3) }, (_, n) => ({
    id: `media-${index}-${n}`,
    type: kind,
    url: `https://media.sandbox.example/${index}/${n}.${kind === 'photo' ? 'jpg' : 'mp4'}`,
    alt: random.chance(50) ? textOf(random, 'en', 1) : null,
    width: 640 + random.int(3_000),
    height: 480 + random.int(2_000),
  }))
}
