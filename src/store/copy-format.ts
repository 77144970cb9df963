/**
 * A copy of the whole control plane as lines of JSON: a head, a line for each row, an end that tells a torn file.
 * Columns of JSON are texts in it: so a JSON null is told from no value.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { NodeError } from '../errors.js'
import { migrations } from './migrations/index.js'
import { tableNames } from './tables.js'

export type RowCounts = Readonly<Record<string, number>>

/** In the order in which they can be filled. */
export const copiedTables: readonly string[] = Object.values(tableNames)

const KIND = 'connector-node export'
const VERSION = 1

const head = z.object({
  kind: z.literal(KIND),
  version: z.literal(VERSION),
  migrations: z.array(z.string()),
  madeAtMs: z.number(),
})
const end = z.object({
  kind: z.literal('end'),
  rows: z.record(z.string(), z.number()),
  sha256: z.string(),
})

/** Makes the lines of a copy, or checks them: both sides hash what passes. */
export function copyLines() {
  const hash = createHash('sha256')
  const counts = new Map<string, number>()
  const pass = (line: string): string => {
    hash.update(line).update('\n')
    return line
  }
  const rows = (): RowCounts => Object.fromEntries(counts)
  return {
    rows,
    writeHead: (madeAtMs: number): string =>
      pass(JSON.stringify({ kind: KIND, version: VERSION, migrations: Object.keys(migrations), madeAtMs })),
    writeRow(table: string, json: string): string {
      counts.set(table, (counts.get(table) ?? 0) + 1)
      return pass(`${prefix(table)}${json}}`)
    },
    writeEnd: (): string => JSON.stringify({ kind: 'end', rows: rows(), sha256: hash.digest('hex') }),

    /** @throws NodeError REQUEST_INVALID, CONFIG_INVALID when it was made by another version */
    readHead(line: string): void {
      const { migrations: made } = parse(head, pass(line), 'it is no export of a connector node')
      if (made.join() === Object.keys(migrations).join()) return
      const detail = `the export has the form of ${made.at(-1) ?? 'nothing'}, this version that of ${Object.keys(migrations).at(-1) ?? 'nothing'}: import it with the version that made it, then start this one`
      throw new NodeError('CONFIG_INVALID', { detail })
    },
    /** The row of a line, or `undefined` when it is the end. @throws NodeError REQUEST_INVALID */
    readRow(line: string): { readonly table: string; readonly json: string } | undefined {
      const table = copiedTables.find((name) => line.startsWith(prefix(name)))
      if (table === undefined) {
        const { sha256 } = parse(end, line, 'a line of it is damaged')
        if (sha256 !== hash.digest('hex')) throw fault('its rows are not those that were exported')
        return undefined
      }
      counts.set(table, (counts.get(table) ?? 0) + 1)
      return { table, json: pass(line).slice(prefix(table).length, -1) }
    },
    /** For a file that stops before its end. */
    torn: (): NodeError => fault('it is torn: its end is missing'),
  }
}

const prefix = (table: string): string => `{"table":"${table}","row":`

function parse<T>(schema: z.ZodType<T>, line: string, what: string): T {
  try {
    return schema.parse(JSON.parse(line))
  } catch (cause) {
    throw fault(what, cause)
  }
}

const fault = (what: string, cause?: unknown): NodeError =>
  new NodeError('REQUEST_INVALID', { detail: `the file cannot be imported: ${what}`, cause })
