/** One provider as suite A sees it: its declaration, its documents and its fixtures. Knows no rule and no file. */
import type { Json, JsonObject } from '../../src/lib/canonical-json.js'
import type { Draft, Provider } from '../../src/provider/index.js'
import type { BrowseFixtures } from './browse-fixtures.js'
import type { WebhookFixtures } from './webhook-fixtures.js'

/** One recorded call: `request` is the method and the whole address, without what the node adds. */
export interface Exchange {
  readonly request: string
  /** Fields of the body that was sent, where one address has several answers; missing: any. */
  readonly sent?: JsonObject | undefined
  /** Headers of the answer that the provider reads. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body: Json
  /** The answer's bytes, where they are no JSON. */
  readonly text?: string | undefined
}

/** What a run over fixtures must come to. */
export interface Outcome {
  readonly records: readonly Draft[]
  readonly skipped: Readonly<Record<string, number>>
  /** Items that the stream's `item` or the schema refuses. */
  readonly refused: number
  readonly deletedIds: readonly string[]
}

/** An odd item and what must become of it: `record`, `refused`, or `skipped: <reason>`. */
export interface HostileItem {
  readonly why: string
  readonly item: Json
  readonly outcome: string
}

/** A failed answer of the service and what it means: `failures.json`, for providers with a `classify`. */
export interface FailureFixture {
  readonly why: string
  readonly status: number
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body: Json
  readonly code: string
  readonly retryAfterMs?: number | undefined
}

export interface StreamFixtures {
  /** `page-N.json`: the calls of a first run. */
  readonly pages: readonly Exchange[]
  /** `later-N.json`: the calls of the run after it, where they differ. */
  readonly later: readonly Exchange[]
  /** `content.json`: the calls of some contents, for a stream that offers them. */
  readonly content: readonly Exchange[]
  /** `expected.json`; `later` is missing where a later run reads everything again. */
  readonly expected: { readonly first: Outcome; readonly later?: Outcome } | undefined
  readonly hostile: readonly HostileItem[]
}

export interface ProviderCase {
  /** The folder's name. */
  readonly name: string
  /** Shown in failures: `providers/sandbox`. */
  readonly path: string
  readonly provider: Provider
  /** An example is run by the suite and stays out of the list of providers. */
  readonly example: boolean
  readonly listed: boolean
  readonly readme: string
  readonly icon: string
  /** Lines of `index.ts`. */
  readonly indexLines: number
  /** Fixtures beside those of streams, by name: account, token, exchange, open, revoke and others. */
  readonly calls: Readonly<Record<string, readonly Exchange[]>>
  /** `fields.json`: values of fields that are no secrets. */
  readonly fieldTexts: Readonly<Record<string, string>>
  readonly failures: readonly FailureFixture[]
  readonly browse?: BrowseFixtures | undefined
  readonly webhooks?: WebhookFixtures | undefined
  /** The folder's modules, by file name. */
  readonly sources: Readonly<Record<string, string>>
  readonly streams: Readonly<Record<string, StreamFixtures>>
  /** Where `fixtures/service.ts` listens, for providers that speak no HTTP. */
  readonly socketPort?: number | undefined
  /** Ends what `fixtures/service.ts` started. */
  readonly stopService?: (() => Promise<void>) | undefined
}

/** The fixtures of a stream; none where its folder is missing. */
export function streamFixtures(one: ProviderCase, stream: string): StreamFixtures {
  return one.streams[stream] ?? { pages: [], later: [], content: [], expected: undefined, hostile: [] }
}

/** Names of the files that hold answers of token endpoints: these calls are the node's own and no provider makes them. */
export const isTokenFile = (name: string): boolean => name === 'exchange' || /^token(-[a-z_]+)?$/.test(name)

/** Every recorded call that a provider's code makes. */
export function fixturesOf(one: ProviderCase): readonly Exchange[] {
  const calls = Object.entries(one.calls).flatMap(([name, exchanges]) => (isTokenFile(name) ? [] : exchanges))
  const pages = Object.values(one.streams).flatMap((stream) => [
    ...stream.pages,
    ...stream.later,
    ...stream.content,
  ])
  return [...calls, ...pages, ...(one.browse?.calls ?? [])]
}
