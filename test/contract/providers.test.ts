/** Suite A over every folder of `providers/`, the template too: nobody registers a folder here, and none can be left out. */
import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { providers } from '../../providers/index.js'
import { loadProviderCase } from '../support/load-provider-case.js'
import type { ProviderCase } from '../support/provider-case.js'
import { openSyncStore } from '../support/provider-sync.js'
import { providerRules, runProviderRule, type ProviderRuleId } from './provider-rules.js'

beforeAll(openSyncStore)

const root = fileURLToPath(new URL('../../providers/', import.meta.url))
const folders = (await readdir(root, { withFileTypes: true })).filter((entry) => entry.isDirectory())
const names = folders.map((folder) => folder.name)
const rules = Object.keys(providerRules) as ProviderRuleId[]

test('every listed provider has its folder, and the template is run too', () => {
  expect(names).toEqual(expect.arrayContaining(providers.map((provider) => provider.id)))
  expect(names).toContain('_template')
})

describe.each(names)('provider suite: %s', (name) => {
  let one: ProviderCase
  beforeAll(async () => {
    one = await loadProviderCase(root, name, providers)
  })
  afterAll(() => one.stopService?.())
  test.each(rules)('%s', async (id) => {
    await runProviderRule(id, one)
  })
})
