/** Suite B: what everything that seals must do. One rule per promise; each can fail (see `broken/seal-*.ts`). */
import assert from 'node:assert/strict'

/** One way of sealing texts, under one key. A refused `open` throws. */
export interface Sealer {
  seal(text: string, place: string): Promise<string>
  open(sealed: string, place: string): Promise<string>
}

export interface SealerCase {
  readonly name: string
  /** Under a key of ours, and the same under another one. */
  readonly mine: Sealer
  readonly other: Sealer
  /** Where values may lie, two or more; each differs from the first in one thing that is bound. */
  readonly places: readonly [string, string, ...string[]]
  /** Characters of the longest text it takes; default a million. */
  readonly longest?: number
  /** Declared fact: plaintext is padded to a multiple of so many bytes. */
  readonly padsTo?: number
  /** Whether an error is the one that a refused opening must give. */
  readonly isFault: (error: unknown) => boolean
}

const CANARY = 'canary-7Qz'

/** Every rule by its id. A rule throws an AssertionError when the sealer breaks it. */
export const sealRules = {
  async 'B1-round-trip'({ mine, places: [place], longest = 1_000_000 }) {
    for (const text of [
      '',
      'plain',
      'żółć 日本語 👩‍👩‍👧 \u0000 \u2028',
      '{"a":[1,null]}',
      ' padded  ',
      'x'.repeat(longest),
    ]) {
      assert.equal(await mine.open(await mine.seal(text, place), place), text)
    }
  },
  async 'B2-never-twice-the-same'({ mine, places: [place] }) {
    const sealed = await Promise.all(Array.from({ length: 20 }, () => mine.seal('same', place)))
    assert.equal(new Set(sealed).size, sealed.length)
  },
  async 'B3-wrong-key'({ mine, other, places: [place] }) {
    await refused(other, await mine.seal('text', place), place, 'opened with another key')
    await refused(mine, await other.seal('text', place), place, 'opened with another key')
  },
  async 'B4-flipped'({ mine, places: [place] }) {
    const sealed = await mine.seal('text', place)
    for (const at of spread(sealed.length, 250)) {
      const flipped = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1)
      await refused(mine, flipped, place, `opened with character ${at} changed`)
    }
  },
  async 'B5-truncated'({ mine, places: [place] }) {
    const sealed = await mine.seal('text', place)
    for (const size of [...spread(sealed.length, 40), sealed.length - 1]) {
      await refused(mine, sealed.slice(0, size), place, `opened with its first ${size} characters`)
      await refused(
        mine,
        sealed.slice(sealed.length - size),
        place,
        `opened with its last ${size} characters`,
      )
    }
  },
  async 'B6-extended'({ mine, places: [place] }) {
    const sealed = await mine.seal('text', place)
    for (const extra of ['A', 'AAAA', '=', '\n', ' ', '!', '.', sealed]) {
      await refused(mine, sealed + extra, place, `opened with ${JSON.stringify(extra).slice(0, 9)} behind it`)
      await refused(mine, extra + sealed, place, `opened with ${JSON.stringify(extra).slice(0, 9)} before it`)
    }
  },
  async 'B7-moved'({ mine, places: [place, ...elsewhere] }) {
    const sealed = await mine.seal('text', place)
    for (const other of elsewhere) {
      await refused(mine, sealed, other, `moved to ${other} and opened`)
      await refused(mine, await mine.seal('text', other), place, `moved from ${other} and opened`)
    }
  },
  async 'B8-hidden'({ mine, places: [place] }) {
    // Three alignments, so that base64 of the canary is found wherever it begins.
    for (const text of [CANARY, `.${CANARY}`, `..${CANARY}`]) {
      const sealed = await mine.seal(text, place)
      for (const form of disguises(sealed))
        assert.ok(!form.includes(CANARY), 'the text can be read in what was sealed')
    }
  },
  async 'B9-length'({ mine, places: [place], padsTo }) {
    const short = await mine.seal('a', place)
    const longer = await mine.seal('a'.repeat((padsTo ?? 256) / 2), place)
    if (padsTo === undefined) assert.notEqual(short.length, longer.length, 'pads, and does not declare it')
    else assert.equal(short.length, longer.length, 'the length of the text shows')
  },
  async 'B10-fault'({ mine, other, places: [place, elsewhere], isFault }) {
    const sealed = await mine.seal(CANARY, place)
    const attempts = [
      other.open(sealed, place),
      mine.open(sealed, elsewhere),
      mine.open(sealed.slice(1), place),
      mine.open('', place),
    ]
    for (const attempt of await Promise.allSettled(attempts)) {
      if (attempt.status === 'fulfilled') continue
      const error: unknown = attempt.reason
      assert.ok(isFault(error), `an error of another kind: ${String(error)}`)
      assert.ok(!messages(error).includes(CANARY), 'the error tells the text')
    }
  },
} as const satisfies Record<string, (sealer: SealerCase) => Promise<void>>

export type SealRuleId = keyof typeof sealRules

/** The rules that a sealer breaks. An error that is no assertion counts as broken too. */
export async function brokenSealRules(sealer: SealerCase): Promise<SealRuleId[]> {
  const broken: SealRuleId[] = []
  for (const [id, rule] of Object.entries(sealRules)) {
    try {
      await rule(sealer)
    } catch {
      broken.push(id as SealRuleId)
    }
  }
  return broken
}

async function refused(sealer: Sealer, sealed: string, place: string, what: string): Promise<void> {
  const outcome = await sealer.open(sealed, place).then(
    () => 'opened',
    () => 'refused',
  )
  assert.equal(outcome, 'refused', what)
}

/** Up to `count` whole numbers from 0 to `end` - 1, evenly spread, the first and the last among them. */
function spread(end: number, count: number): number[] {
  if (end <= count) return Array.from({ length: end }, (_, at) => at)
  return Array.from({ length: count }, (_, at) => Math.floor((at * (end - 1)) / (count - 1)))
}

/** The text itself and what its parts give when they are decoded. */
function disguises(sealed: string): string[] {
  const parts = [sealed, ...sealed.split(/[^A-Za-z0-9+/_-]/)]
  return [
    sealed,
    ...parts.flatMap((part) =>
      (['base64', 'hex'] as const).map((form) => Buffer.from(part, form).toString('latin1')),
    ),
  ]
}

function messages(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return [error.message, error.stack ?? '', JSON.stringify(error), messages(error.cause ?? '')].join('\n')
}
