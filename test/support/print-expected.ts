/** `npx tsx test/support/print-expected.ts ID`: prints what a provider's fixtures come to. Compare it with the documentation before you keep it. */
import { fileURLToPath } from 'node:url'
import { providers } from '../../providers/index.js'
import { browseReads, readBrowse, withoutRaw } from './browse-run.js'
import { loadProviderCase } from './load-provider-case.js'
import type { Outcome } from './provider-case.js'
import { replayOf } from './provider-replay.js'
import { outcomeOf, readRuns } from './provider-run.js'

const [, , id = ''] = process.argv
const root = fileURLToPath(new URL('../../providers/', import.meta.url))
const one = await loadProviderCase(root, id, providers)
const print = (file: string, value: unknown) => {
  console.log(`providers/${id}/fixtures/${file}\n${JSON.stringify(value, null, 2)}\n`)
}

for (const stream of one.provider.streams) {
  const http = replayOf(one)
  const first = await readRuns(one, stream, http)
  const later = stream.incremental ? await readRuns(one, stream, http, first) : undefined
  const expected: { first: Outcome; later?: Outcome } = { first: outcomeOf(one, stream, first) }
  if (later !== undefined) expected.later = outcomeOf(one, stream, later)
  print(`${stream.name}/expected.json`, expected)
}

if (one.provider.browse !== undefined) {
  const expected: Record<string, unknown[]> = {}
  for (const read of browseReads(one)) {
    const pages = (await readBrowse(one, read, replayOf(one))).map(({ data }) => data.map(withoutRaw))
    expected[read.method] = [...(expected[read.method] ?? []), { ...read.case, pages }]
  }
  print('browse/expected.json', expected)
}

await one.stopService?.()
