/** The query layer over any source of connections, with our names of columns. */
import { CamelCasePlugin, Kysely } from 'kysely'
import type { ConnectionSource } from './engine/connection-source.js'
import { StoreDialect } from './engine/dialect.js'
import { inRole } from './engine/role.js'
import type { Db } from './handle.js'
import type { Schema } from './tables.js'

/** Queries of the one who owns the tables: for what changes their form, and for export and import. */
export const ownerQueries = (source: ConnectionSource): Db => queriesOn(inRole(source))

export function queriesOn(source: ConnectionSource): Db {
  const plugins = [new CamelCasePlugin({ maintainNestedObjectKeys: true })]
  return new Kysely<Schema>({ dialect: new StoreDialect(source), plugins })
}
