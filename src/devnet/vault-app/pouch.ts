/** The part of PouchDB 7 (the client's own) that the Vault uses, with types; the client itself gives `any`. */
import { createRequire } from 'node:module'

export type PouchRecord = Readonly<Record<string, unknown>> & { readonly _id: string; readonly _rev: string }

interface AllDocsRow {
  readonly id: string
  readonly value: { readonly rev: string }
  readonly doc?: PouchRecord & { readonly _conflicts?: readonly string[] }
}
interface ChangeRow {
  readonly id: string
  readonly deleted?: boolean
  readonly changes: readonly { readonly rev: string }[]
}
export interface ReplicationOptions {
  readonly filter: (doc: { readonly _id: string }) => boolean
  readonly style?: 'main_only' | 'all_docs'
}
export interface ReplicationResult {
  readonly ok: boolean
  readonly status: string
  readonly docs_written: number
  readonly doc_write_failures: number
  readonly errors: readonly unknown[]
}

export interface Pouch {
  allDocs(options: {
    readonly include_docs?: boolean
    readonly conflicts?: boolean
    readonly limit?: number
    readonly startkey?: string
    readonly skip?: number
  }): Promise<{ readonly rows: readonly AllDocsRow[] }>
  changes(options: { readonly style: 'main_only' }): Promise<{ readonly results: readonly ChangeRow[] }>
  get(id: string): Promise<PouchRecord>
  readonly replicate: { to(target: Pouch, options: ReplicationOptions): Promise<ReplicationResult> }
}

/** The Vault's filter for every replication: index definitions stay where they are. */
export const isNoDesign = (doc: { readonly _id: string }): boolean => !doc._id.startsWith('_design')

const fromHere = createRequire(import.meta.url)
const fromClient = createRequire(fromHere.resolve('@verida/client-ts'))

/** Opens a plain database in the working directory, with the PouchDB that the client brings. */
export function openPlainPouch(name: string): Pouch {
  const PouchDB = fromClient('pouchdb') as new (name: string) => Pouch
  return new PouchDB(name)
}

const PAGE = 500

/** Every live document with its text, page by page; design documents are left out. */
export async function* liveDocuments(
  pouch: Pouch,
): AsyncGenerator<PouchRecord & { readonly _conflicts?: readonly string[] }> {
  let after: string | undefined
  for (;;) {
    const from = after === undefined ? {} : { startkey: after, skip: 1 }
    const { rows } = await pouch.allDocs({ include_docs: true, conflicts: true, limit: PAGE, ...from })
    for (const { doc } of rows) if (doc && isNoDesign(doc)) yield doc
    after = rows.at(-1)?.id
    if (rows.length < PAGE) return
  }
}
