/** Suite A over every folder of `providers/`, the template too. `PROVIDER=<id>` narrows it to one. */
import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { providers } from '../../providers/index.js'
import { loadProviderCase } from '../support/provider-case.js'
import { providerRules, runProviderRule, type ProviderRuleId } from './provider-rules.js'

const root = fileURLToPath(new URL('../../providers/', import.meta.url))
const folders = (await readdir(root, { withFileTypes: true })).filter((entry) => entry.isDirectory())
const wanted = process.env['PROVIDER']
const names = folders.map((folder) => folder.name).filter((name) => wanted === undefined || name === wanted)
const rules = Object.keys(providerRules) as ProviderRuleId[]

test('there is a provider to check', () => {
  expect(names, `providers/${wanted ?? ''}`).not.toEqual([])
})

test('every listed provider has its folder', () => {
  expect(folders.map((folder) => folder.name)).toEqual(
    expect.arrayContaining(providers.map((provider) => provider.id)),
  )
})

describe.each(names)('provider suite: %s', (name) => {
  test.each(rules)('%s', async (id) => {
    await runProviderRule(id, await loadProviderCase(root, name, providers))
  })
})
