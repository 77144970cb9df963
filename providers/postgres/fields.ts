/** What a person tells of a database: where it is, who reads it, and what of it is read. */
import type { Basic, FieldsShape } from '../../src/provider/index.js'
import { COLUMNS, COLUMN, TABLES } from './names.js'

const fields = {
  address: {
    kind: 'origin',
    label: 'Server',
    help: 'Host and port. It must be public, or listed by the operator.',
    port: 5432,
    example: 'db.example.com:5432',
  },
  database: {
    kind: 'text',
    label: 'Database',
    help: 'Its name on the server.',
    pattern: '[^\\u0000-\\u001f]{1,63}',
  },
  username: {
    kind: 'text',
    label: 'User',
    help: 'A role that may read these tables and nothing else.',
    pattern: '[^\\u0000-\\u001f]{1,63}',
    example: 'connector_reader',
  },
  password: { kind: 'secret', label: 'Password', help: 'Of the user.' },
  tables: {
    kind: 'text',
    label: 'Tables',
    help: 'As schema.table, separated by commas. Leave it empty where a query is given.',
    pattern: TABLES,
    optional: true,
    example: 'public.orders, public.customers',
  },
  query: {
    kind: 'text',
    label: 'Query',
    help: 'One select statement, in the place of tables. It runs in a transaction that may only read.',
    multiline: true,
    optional: true,
    example: 'select id, total, updated_at from orders where total > 0',
  },
  queryName: {
    kind: 'text',
    label: 'Name of the query',
    help: 'Written into each of its records.',
    pattern: '[^\\u0000-\\u001f]{1,63}',
    fallback: 'query',
  },
  key: {
    kind: 'text',
    label: 'Key of the query',
    help: 'The columns that tell its rows apart, separated by commas. Tables tell theirs themselves.',
    pattern: COLUMNS,
    optional: true,
    example: 'id',
  },
  watermark: {
    kind: 'text',
    label: 'Watermark',
    help: 'A column that grows with every change: a time, a date or a whole number. Tables without it are read whole.',
    pattern: COLUMN,
    optional: true,
    example: 'updated_at',
  },
  title: {
    kind: 'text',
    label: 'Title',
    help: 'A column with a short text for lists; else the key.',
    pattern: COLUMN,
    optional: true,
    example: 'name',
  },
  tls: {
    kind: 'choice',
    label: 'Encryption',
    help: 'Without it, everybody on the way reads the data and may read the password: only for servers that the operator listed.',
    choices: {
      verify: 'TLS, with a certificate for this server',
      none: 'None (servers of the operator only)',
    },
    fallback: 'verify',
  },
  ca: {
    kind: 'text',
    label: 'CA certificate',
    help: 'In PEM form, where the certificate is not of a public authority. Only these are trusted then.',
    multiline: true,
    optional: true,
  },
  serverName: {
    kind: 'text',
    label: 'Name in the certificate',
    help: 'Where it is another than in the address.',
    pattern: '[A-Za-z0-9._:-]{1,253}',
    optional: true,
  },
  timeout: {
    kind: 'text',
    label: 'Time for a statement',
    help: 'In seconds, 60 at most: the server ends what takes longer.',
    pattern: '[1-9]|[1-5]\\d|60',
    fallback: '15',
  },
  pageRows: {
    kind: 'text',
    label: 'Rows of a page',
    help: 'Read in one transaction, 5000 at most.',
    pattern: '[1-9]\\d{0,2}|[1-4]\\d{3}|5000',
    fallback: '1000',
  },
} as const satisfies FieldsShape

export const basic: Basic = { kind: 'basic', fields, username: 'username', password: 'password' }
