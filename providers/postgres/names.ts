/** Names of tables and columns, as people write them and as SQL takes them: always quoted, so that none is ever read as anything else. */

/** Without quotes of lower case, as PostgreSQL reads it; with quotes as it stands. A name has 63 bytes at most. */
const NAME = '(?:[A-Za-z_][A-Za-z0-9_$]{0,62}|"(?:[^"\\u0000-\\u001f]|""){1,63}")'
const TABLE = `${NAME}(?:\\.${NAME})?`

export const COLUMN = NAME
export const COLUMNS = `${NAME}(?: *, *${NAME}){0,15}`
export const TABLES = ` *${TABLE}(?: *, *${TABLE}){0,49} *`

export interface TableName {
  readonly schema: string
  readonly table: string
}

/** For SQL. https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** As people write it: quotes only where they are needed. */
export const shown = (name: string): string => (/^[a-z_][a-z0-9_$]*$/.test(name) ? name : quoted(name))

export const shownTable = ({ schema, table }: TableName): string => `${shown(schema)}.${shown(table)}`

/** The names of a list that passed COLUMNS; none of an empty text. */
export const readNames = (text = ''): readonly string[] => parts(text).map(readName)

/** The tables of a list that passed TABLES; those without a schema are of `public`. */
export function readTables(text = ''): readonly TableName[] {
  return [...text.matchAll(new RegExp(TABLE, 'g'))].map(([whole]) => {
    const [first = '', second] = parts(whole).map(readName)
    return second === undefined ? { schema: 'public', table: first } : { schema: first, table: second }
  })
}

const parts = (text: string): readonly string[] =>
  [...text.matchAll(new RegExp(NAME, 'g'))].map(([name]) => name)

const readName = (written: string): string =>
  written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written.toLowerCase()
