/** What Kysely's migrator asks of a database: which tables are there. */
import type { DatabaseIntrospector, DatabaseMetadata, Kysely, SchemaMetadata, TableMetadata } from 'kysely'
import { sql } from 'kysely'

/**
 * Kysely's own introspector describes every column of every schema with functions that look a table up anew, and fails
 * when anyone drops a table of the database meanwhile. The migrator needs the names in our schema, no more.
 */
export class StoreIntrospector implements DatabaseIntrospector {
  constructor(private readonly db: Kysely<unknown>) {}

  async getSchemas(): Promise<SchemaMetadata[]> {
    const { rows } = await sql<SchemaMetadata>`select current_schema() as name`.execute(this.db)
    return rows
  }

  /** Of the current schema; without their columns. */
  async getTables(): Promise<TableMetadata[]> {
    const { rows } = await sql<{ schema: string; name: string }>`
      select schemaname as schema, tablename as name from pg_catalog.pg_tables
      where schemaname = current_schema() order by tablename`.execute(this.db)
    return rows.map(({ schema, name }) => ({ schema, name, isView: false, columns: [] }))
  }

  async getMetadata(): Promise<DatabaseMetadata> {
    return { tables: await this.getTables() }
  }
}
