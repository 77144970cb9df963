/** The teeth of suite A: a sound provider breaks no rule, and each broken twin breaks exactly its own. */
import { readdir } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import type { ProviderCase } from '../support/provider-case.js'
import { soundCase, withFacts } from './broken/sound-provider.js'
import { brokenProviderRules, providerRules, runProviderRule, type ProviderRuleId } from './provider-rules.js'

interface Twin {
  readonly breaks: ProviderRuleId
  readonly one: ProviderCase
}

const folder = new URL('broken/', import.meta.url)
const files = (await readdir(folder)).filter((name) => /^provider-.*\.ts$/.test(name))
const twins = await Promise.all(
  files.map(async (file) => ({ file, twin: (await import(new URL(file, folder).href)) as Twin })),
)

test('a sound provider breaks no rule', async () => {
  expect(await brokenProviderRules(soundCase)).toEqual([])
})

test('nor does one that only signs in', async () => {
  expect(await brokenProviderRules(withFacts({ streams: [] }, { streams: {} }))).toEqual([])
})

describe.each(twins)('$file', ({ twin: { one, breaks } }) => {
  test('breaks exactly its rule', async () => {
    expect(await brokenProviderRules(one)).toEqual([breaks])
  })

  test('is told by a text that names the rule and the file to open', async () => {
    const named = new RegExp(`^${breaks} \\(providers/sound\\): .+\\. Open providers/\\S+$`)
    await expect(runProviderRule(breaks, one)).rejects.toThrow(named)
  })
})

test('every rule has a broken twin', () => {
  expect([...new Set(twins.map(({ twin }) => twin.breaks))].sort()).toEqual(Object.keys(providerRules).sort())
})
