/** `connector-node provider list [--json]`: what each provider offers, in the order in which people see them. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { providers } from '../../providers/index.js'
import type { AuthKind, AnyStream, Provider } from '../provider/index.js'

interface ListedProvider {
  readonly id: string
  readonly label: string
  readonly category: Provider['category']
  readonly auth: readonly AuthKind[]
  readonly streams: readonly {
    readonly name: string
    readonly schema: string
    readonly cursor: 'incremental' | 'full'
    readonly deletes: AnyStream['deletes']
    /** Whether contents of files are to be had. */
    readonly contents: boolean
  }[]
  readonly webhooks: readonly string[]
  readonly browse: readonly string[]
  /** Lines of `index.ts`; missing where the sources are not there. */
  readonly lines?: number
}

export function listed(provider: Provider): ListedProvider {
  const file = fileURLToPath(new URL(`../../providers/${provider.id}/index.ts`, import.meta.url))
  const { id, label, category, browse, webhooks } = provider
  return {
    id,
    label,
    category,
    auth: provider.auth.map((auth) => auth.kind),
    streams: provider.streams.map(({ name, schema, incremental, deletes, content }) => ({
      name,
      schema,
      cursor: incremental ? 'incremental' : 'full',
      deletes,
      contents: content !== undefined,
    })),
    webhooks: webhooks?.streams ?? [],
    browse: [...(browse?.containerKinds ?? []), ...(browse?.itemKinds ?? [])],
    ...(existsSync(file) && { lines: readFileSync(file, 'utf8').trimEnd().split('\n').length }),
  }
}

/** @returns the exit code */
export function listProviders({ json }: { readonly json: boolean }, print = console.log): number {
  const all = providers.map(listed)
  if (json) print(JSON.stringify(all, null, 2))
  else
    for (const { id, category, auth, streams, lines } of all)
      print(
        `${id}  ${category}  ${auth.join(', ')}  ${streams.map(({ name }) => name).join(', ')}  (index.ts: ${lines ?? '?'} lines)`,
      )
  return 0
}
