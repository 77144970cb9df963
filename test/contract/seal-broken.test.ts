/** The teeth of suite B: a sound sealer breaks no rule, and each broken twin breaks exactly its own. */
import { readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { brokenSealRules, sealRules, type SealerCase, type SealRuleId } from './seal.js'
import { caseOf } from './broken/sound-sealer.js'

interface Twin {
  readonly breaks: SealRuleId
  readonly sealer: SealerCase
}

const folder = new URL('broken/', import.meta.url)
const files = (await readdir(folder)).filter((name) => /^seal-.*\.ts$/.test(name))
const twins = await Promise.all(
  files.map(async (file) => ({ file, twin: (await import(new URL(file, folder).href)) as Twin })),
)

test('a sound sealer breaks no rule', async () => {
  expect(await brokenSealRules(caseOf('sound', (sound) => sound))).toEqual([])
})

test.each(twins)('$file breaks exactly its rule', async ({ twin }) => {
  expect(await brokenSealRules(twin.sealer)).toEqual([twin.breaks])
})

test('every rule has a broken twin', () => {
  expect([...new Set(twins.map(({ twin }) => twin.breaks))].sort()).toEqual(Object.keys(sealRules).sort())
})
