/** Suite A over every folder of `providers/`, the template too: nobody registers a folder here, and none can be left out. */
import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { providers } from '../../providers/index.js'
import { loadProviderCase } from '../support/provider-case.js'
import { providerRules, runProviderRule, type ProviderRuleId } from './provider-rules.js'

const root = fileURLToPath(new URL('../../providers/', import.meta.url))
const folders = (await readdir(root, { withFileTypes: true })).filter((entry) => entry.isDirectory())
const names = folders.map((folder) => folder.name)
const rules = Object.keys(providerRules) as ProviderRuleId[]

test('every listed provider has its folder, and the template is run too', () => {
  expect(names).toEqual(expect.arrayContaining(providers.map((provider) => provider.id)))
  expect(names).toContain('_template')
})

describe.each(names)('provider suite: %s', (name) => {
  test.each(rules)('%s', async (id) => {
    await runProviderRule(id, await loadProviderCase(root, name, providers))
  })
})
