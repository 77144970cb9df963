/** Files: names, types and times; the list that later runs narrow by the time of change. */
import { createCipheriv, createHash } from 'node:crypto'
import { idAt, indexIn, timeOf, type Generated, type Item, type Oddity } from './item.js'
import type { Person } from './people.js'
import { randomAt, seedOf, type Random } from './random.js'
import { textOf } from './sentences.js'

const types = [
  ['pdf', 'application/pdf'],
  ['jpg', 'image/jpeg'],
  ['docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
  ['csv', 'text/csv'],
  ['txt', 'text/plain'],
  ['mp4', 'video/mp4'],
  ['ics', 'text/calendar'],
] as const
const stems = [
  'Rechnung März',
  'harbour sketch',
  'تقرير الحديقة',
  '議事録',
  'Übergabe & Schlüssel',
  'budget (final) v7',
  'Ata da reunião',
  'scan',
  'recipe #12',
  'notes/2021',
]

/** In every 100 files one is broken (half a byte, or no type); in every 40 one is a folder. */
export function fileOddity(index: number): Oddity {
  if (index % 100 === 60) return 'broken'
  return index % 40 === 5 ? 'skipped' : 'plain'
}

export function generateFiles(seed: string, person: Person, size: number): Generated {
  const base = seedOf(`${seed}/${person.id}/files`)
  return {
    size,
    touched: 'modifiedAt',
    at: (index) => makeFile(randomAt(base, index), person, index, size),
    indexOf: (id) => indexIn('file-', id),
  }
}

function makeFile(random: Random, person: Person, index: number, size: number): Item {
  const oddity = index < size ? fileOddity(index) : 'plain'
  const [extension, mimeType] = random.pick(types)
  const created = timeOf(index, size, random.int(1_200))
  const modified = new Date(created.getTime() + random.int(400) * 86_400_000)
  return {
    id: idAt('file-', index),
    kind: oddity === 'skipped' ? 'folder' : 'file',
    name: `${random.pick(stems)}${random.chance(50) ? ` ${index}` : ''}.${extension}`,
    extension: random.chance(90) ? extension : null,
    mimeType: oddity === 'broken' && index % 200 === 60 ? null : mimeType,
    bytes: oddity === 'broken' && index % 200 !== 60 ? 1_024.5 : random.int(50_000_000),
    description: random.chance(30) ? textOf(random, person.language, 1) : null,
    text: mimeType === 'text/plain' ? textOf(random, person.language, 3 + random.int(20)) : null,
    owner: { id: person.id, name: person.name },
    url: `https://files.sandbox.example/${person.handle}/${index}`,
    createdAt: created.toISOString(),
    // One file comes from a computer whose clock is far ahead.
    modifiedAt: index === 8 ? '2099-12-31T23:59:59.000Z' : modified.toISOString(),
    shared: random.chance(20),
  }
}

const BLOCK = 65_536

/** The bytes of a file: made up of its id and the time of its last change, the same whenever they are asked for. */
export function* fileBytes({ id, modifiedAt, bytes }: Item): Generator<Uint8Array> {
  const seed = createHash('sha256')
    .update(`${id} ${JSON.stringify(modifiedAt)}`)
    .digest()
  const cipher = createCipheriv('aes-128-ctr', seed.subarray(0, 16), seed.subarray(16))
  const size = Number(bytes)
  for (let at = 0; at < size; at += BLOCK) yield cipher.update(Buffer.alloc(Math.min(BLOCK, size - at)))
}
