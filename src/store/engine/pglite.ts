/** PGlite as a ConnectionSource: one connection, handed from caller to caller in turn; its raw handle stays in here. */
import { PGlite, type PGliteOptions } from '@electric-sql/pglite'
import type { ConnectionSource, SqlConnection } from './connection-source.js'
import { exactInteger, INT8 } from './exact-integer.js'
import { turns } from './turns.js'

export async function openPglite(options: PGliteOptions): Promise<PGlite> {
  return PGlite.create({ ...options, parsers: { [INT8]: exactInteger } })
}

/**
 * @param beforeUse throws when the engine may no longer be used
 * @param afterClose runs once the engine has written everything
 */
export function pgliteSource(
  pglite: PGlite,
  beforeUse: () => void = () => undefined,
  afterClose: () => Promise<void> = () => Promise.resolve(),
): ConnectionSource {
  const takeTurn = turns()
  return {
    dialect: 'pglite',
    begin: 'begin',
    async acquire() {
      const done = await takeTurn()
      try {
        beforeUse()
      } catch (error) {
        done()
        throw error
      }
      return connectionOn(pglite, done)
    },
    async close() {
      const done = await takeTurn()
      try {
        if (!pglite.closed) await pglite.close()
        await afterClose()
      } finally {
        done()
      }
    },
  }
}

/** For one caller, until `done`. */
export function connectionOn(pglite: PGlite, done: () => void): SqlConnection {
  return {
    session: pglite,
    async query(text, parameters) {
      // Only `exec` takes several statements, and only `query` takes parameters.
      const results =
        parameters.length === 0 ? await pglite.exec(text) : [await pglite.query(text, [...parameters])]
      const last = results.at(-1)
      const rows = results.flatMap((result): readonly unknown[] => result.rows)
      return { rows, rowCount: last?.rowCount ?? 0, command: last?.command }
    },
    release: done,
  }
}
