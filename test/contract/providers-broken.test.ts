/** The teeth of suite A: a sound provider breaks no rule, and each broken twin breaks exactly its own. */
import { readdir, readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import type { ProviderCase } from '../support/provider-case.js'
import { openSyncStore } from '../support/provider-sync.js'
import { withBrowse } from './broken/sound-browse.js'
import { withContents } from './broken/sound-contents.js'
import { keyAuth, otherAuths, withAuth } from './broken/sound-fields.js'
import { soundCase, withFacts } from './broken/sound-provider.js'
import { signInOnly } from './broken/sound-sign-in.js'
import { soundLines, withLines, type LineFaults } from './broken/sound-socket.js'
import { withWebhooks } from './broken/sound-webhooks.js'
import {
  brokenProviderRules,
  isWhole,
  providerRules,
  runProviderRule,
  type ProviderRuleId,
} from './provider-rules.js'

beforeAll(openSyncStore)

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

const sound: readonly { readonly what: string; readonly one: ProviderCase }[] = [
  { what: 'live reads', one: withBrowse() },
  { what: 'deliveries', one: withWebhooks() },
  { what: 'contents of files', one: withContents() },
  ...otherAuths.map((auth) => ({ what: auth.kind, one: withAuth(auth) })),
]

test.each(sound)('nor does one with $what', async ({ one }) => {
  expect(await brokenProviderRules(one)).toEqual([])
})

test('nor does one that only signs in and states nothing that is usual, in 12 lines', async () => {
  const lines = (await readFile(new URL('broken/sound-sign-in.ts', import.meta.url), 'utf8'))
    .split('\n')
    .slice(2)
  const declared = lines.slice(
    lines.findIndex((line) => line.startsWith('export const')),
    lines.findIndex((line) => line === '})') + 1,
  )
  expect(declared.length).toBeLessThanOrEqual(12)
  expect(signInOnly).toMatchObject({ icon: 'icon.svg', revision: 1, settings: {}, streams: [] })
  const one = withAuth(keyAuth)
  expect(
    await brokenProviderRules({
      ...one,
      provider: signInOnly,
      calls: { account: one.calls['account'] ?? [] },
      streams: {},
      readme: one.readme.replace('## Known gaps', '## Known gaps\n\nKeys are ended under Settings.'),
    }),
  ).toEqual([])
})

test('nor does one that speaks no HTTP, and its own failures are judged too', async () => {
  const service = await soundLines()
  try {
    const broken = (faults: LineFaults, ids?: readonly ProviderRuleId[]) =>
      brokenProviderRules(withLines(service.port, faults), ids)
    expect(await broken({})).toEqual([])
    const parts: readonly ProviderRuleId[] = ['A5-paging', 'A9-failures', 'A11-abort']
    expect(await broken({ swallows: true }, parts)).toEqual(['A9-failures'])
    expect(await broken({ deaf: true }, parts)).toEqual(['A11-abort'])
    expect(await broken({ host: 'elsewhere.test' }, ['A10-hosts'])).toEqual(['A10-hosts'])
  } finally {
    await service.close()
  }
})

describe.each(twins)('$file', ({ twin: { one, breaks } }) => {
  test('breaks exactly its rule', async () => {
    const rules = Object.keys(providerRules) as ProviderRuleId[]
    const judged = isWhole(breaks) ? rules : rules.filter((id) => !isWhole(id))
    expect(await brokenProviderRules(one, judged)).toEqual([breaks])
  })

  test('is told by a text that names the rule and the file to open', async () => {
    const named = new RegExp(`^${breaks} \\(providers/sound\\): .+\\. Open providers/\\S+$`)
    await expect(runProviderRule(breaks, one)).rejects.toThrow(named)
  })
})

test('every rule has a broken twin', () => {
  expect([...new Set(twins.map(({ twin }) => twin.breaks))].sort()).toEqual(Object.keys(providerRules).sort())
})
