/** Suite A, rules A15 to A18: whole syncs over real HTTP, by the node's own pipeline and client. */
import type { StreamIssue } from '../../src/sync/stream-issue.js'
import { must } from '../support/broken-rule.js'
import type { ProviderCase } from '../support/provider-case.js'
import { errorOf } from '../support/provider-bench.js'
import { replayOf } from '../support/provider-replay.js'
import { readRuns, streamFile } from '../support/provider-run.js'
import { LATER_TOKEN, NOW } from '../support/provider-settings.js'
import { canRefresh, withSyncs, type ProviderSyncs } from '../support/provider-sync.js'
import type { Fault, SeenRequest } from '../support/stand-in.js'

const HOUR_MS = 3_600_000

const index = ({ path }: ProviderCase): string => `${path}/index.ts`
const failures = (issues: readonly StreamIssue[]) => issues.filter(({ code }) => code !== 'RECORD_SKIPPED')
const told = (issues: readonly StreamIssue[]): string =>
  failures(issues)
    .map(({ stream, code }) => `${stream}: ${code}`)
    .join(', ') || 'no issue'

/** A15: the same answers give the same bytes, at whatever hour they come. */
export async function a15SameBytes(one: ProviderCase): Promise<void> {
  const at = (startMs: number) => withSyncs(one, async ({ sync, bytes }) => (await sync(), bytes()), startMs)
  must(
    (await at(NOW)) === (await at(NOW + HOUR_MS)),
    'the same answers an hour later give other records',
    index(one),
  )
}

/** A16: a node that is killed after every commit of a first run ends where one that runs through does. */
export async function a16Resume(one: ProviderCase): Promise<void> {
  const { pages } = await firstRun(one)
  const ended = async ({ bench, sync, bytes }: ProviderSyncs) => {
    bench.fault = () => undefined
    // Lanes that had ended went on to what came later: in the end all have.
    await sync()
    await sync()
    return bytes('mapped')
  }
  const whole = await withSyncs(one, ended)
  const resumed = await withSyncs(one, async (syncs) => {
    for (let kills = 1; kills < pages; kills++) {
      let committed = false
      syncs.bench.fault = (step) => {
        if (step === 'write' && committed) throw new Error('killed')
        committed ||= step === 'commit done'
      }
      await errorOf(syncs.sync(undefined, { limits: { ms: 20_000, records: 1, bytes: 64_000_000 } }))
      syncs.advance(HOUR_MS)
    }
    return ended(syncs)
  })
  must(resumed === whole, 'resuming after each commit gives other records than one run', index(one))
}

const answer = (status: number, body: object, headers: Readonly<Record<string, string>>): Fault => ({
  kind: 'answer',
  status,
  headers,
  text: JSON.stringify(body),
})
const limited = (seconds: number): Fault => answer(429, {}, { 'retry-after': String(seconds) })
const refused = answer(
  401,
  { error: 'invalid_token' },
  { 'www-authenticate': 'Bearer error="invalid_token"' },
)

/** A17: 429 with Retry-After is waited for while it is short, and ends the sync well when it is long. */
export async function a17Waits(one: ProviderCase): Promise<void> {
  const [stream] = one.provider.streams
  if (stream === undefined || one.socketPort !== undefined) return
  await withSyncs(one, async ({ service, sync }) => {
    service.setFault(() => (service.seen.length === 1 ? limited(1) : undefined))
    const { issues } = await sync([stream])
    must(failures(issues).length === 0, `a short wait ends with ${told(issues)}`, streamFile(one, stream))
    const [first, second] = service.seen
    const waited = (second?.atMs ?? 0) - (first?.atMs ?? 0)
    must(waited >= 1_000, `Retry-After: 1, and it is asked again after ${Math.round(waited)} ms`, index(one))
  })
  const from = Math.min(2, (await firstRun(one)).calls)
  await withSyncs(one, async ({ service, sync }) => {
    service.setFault(() => (service.seen.length >= from ? limited(600) : undefined))
    const { issues } = await sync()
    const bad = failures(issues).find(
      ({ code, retryAfterMs = 0 }) => code !== 'RATE_LIMITED' || retryAfterMs < 590_000,
    )
    must(
      failures(issues).length > 0 && bad === undefined,
      `a long wait ends with ${told(issues)} where RATE_LIMITED and the time are due`,
      index(one),
    )
  })
}

/** A18: a token that ends in the middle is renewed once, and nothing is lost; one that cannot be renewed ends the sync by name. */
export async function a18Refresh(one: ProviderCase): Promise<void> {
  if (one.provider.streams.length === 0 || one.socketPort !== undefined) return
  const from = Math.min(2, (await firstRun(one)).calls)
  await withSyncs(one, async ({ service, sync, refreshes, bytes }) => {
    const isOld = ({ headers }: SeenRequest) =>
      !Object.values(headers).some((text) => text.includes(LATER_TOKEN))
    service.setFault((seen) => (service.seen.length >= from && isOld(seen) ? refused : undefined))
    const { issues } = await sync()
    if (canRefresh(one)) {
      must(failures(issues).length === 0, `a token that ended gives ${told(issues)}`, index(one))
      must(refreshes() === 1, `a token that ended is renewed ${refreshes()} times`, index(one))
      const whole = await withSyncs(one, async (clean) => (await clean.sync(), clean.bytes('mapped')))
      must(bytes('mapped') === whole, 'a token that ended loses records', index(one))
    } else {
      const codes = new Set(failures(issues).map(({ code }) => code))
      must(
        codes.size === 1 && codes.has('TOKEN_REVOKED'),
        `a token that ended gives ${told(issues)} where TOKEN_REVOKED is due`,
        index(one),
      )
    }
  })
}

/** How many pages and calls a first run of everything takes. */
async function firstRun(one: ProviderCase): Promise<{ readonly pages: number; readonly calls: number }> {
  const http = replayOf(one)
  let pages = 0
  for (const stream of one.provider.streams)
    for (const run of await readRuns(one, stream, http)) pages += run.pages.length
  return { pages, calls: http.calls.length }
}
