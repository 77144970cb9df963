/** Suite A, rule A12: what must not get out, with the node's own HTTP client against a stand-in for the service. */
import type { Json } from '../../src/lib/canonical-json.js'
import { must } from '../support/broken-rule.js'
import { whilePrinting } from '../support/printed.js'
import { beginning, describe, errorOf, withBench } from '../support/provider-bench.js'
import type { ProviderCase } from '../support/provider-case.js'
import { replayOf } from '../support/provider-replay.js'
import { passItems, readRuns, streamFile, type Run } from '../support/provider-run.js'
import { CANARIES, TOKEN } from '../support/provider-settings.js'
import type { Fault } from '../support/stand-in.js'

const CANARY_TEXT = 'canary text 5b0e of a person'

/** A12: neither secrets nor what people wrote get into cursors, records' raw data, errors, logs or the console. */
export async function a12Leaks(one: ProviderCase): Promise<void> {
  const { provider, path } = one
  const printed = await whilePrinting(() =>
    withBench(one, async ({ service, client, log }) => {
      for (const stream of provider.streams) {
        const file = streamFile(one, stream)
        const runs = await readRuns(one, stream, replayOf(one))
        checkCursors(runs, file)
        for (const { items } of runs.flatMap((run) => run.pages)) passItems(one, stream, items)
        // For what it logs; whether it gets through is the matter of other rules.
        await errorOf(readRuns(one, stream, client()))
        for (const fault of canaryFaults(one)) {
          service.setFault(fault)
          const error = await errorOf(beginning(one, stream, client()))
          must(!holdsCanary(describe(error)), 'an error quotes a secret or what a person wrote', file)
        }
        service.setFault(undefined)
      }
      must(!log.some(holdsCanary), 'a log line holds a secret or what a person wrote', `${path}/index.ts`)
    }),
  )
  must(printed.length === 0, 'it prints', `${path}/index.ts`)
}

function checkCursors(runs: readonly Run[], file: string): void {
  const cursors = runs.flatMap((run) => run.pages.map((page) => JSON.stringify(page.cursor)))
  const found = cursors.find(
    (cursor) => holdsCanary(decodeURIComponent(cursor)) || /access_token|secret/i.test(cursor),
  )
  must(found === undefined, 'a cursor holds a token; keep only the place out of a link', file)
}

/** Pages and failures whose every text is a canary. */
function canaryFaults({ failures }: ProviderCase): readonly Fault[] {
  const odd = { error: { message: CANARY_TEXT, type: CANARY_TEXT }, data: CANARY_TEXT, token: TOKEN }
  const bodies: readonly (readonly [number, Json])[] = [
    ...[200, 400, 401, 403, 404, 410, 429, 500].map((status) => [status, odd] as const),
    ...failures.map(({ status, body }) => [status, withCanaries(body)] as const),
  ]
  return bodies.map(([status, body]) => ({ kind: 'answer', status, text: JSON.stringify(body) }))
}

function withCanaries(value: Json): Json {
  if (typeof value === 'string') return `${CANARY_TEXT} ${TOKEN}`
  if (Array.isArray(value)) return (value as readonly Json[]).map(withCanaries)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, withCanaries(member ?? null)]),
  )
}

function holdsCanary(text: string): boolean {
  return [...CANARIES, CANARY_TEXT].some((canary) => text.includes(canary))
}
