/** What repositories are given: the store's root handle or an open transaction. */
import type { Kysely, Transaction } from 'kysely'
import type { Brand } from '../lib/brand.js'
import type { Schema } from './tables.js'

/** Single statements, each a transaction of its own. Never inside a transaction's callback: it throws there. */
export type Db = Kysely<Schema>

/** An open transaction; ends with the callback that it was given to. */
export type Tx = Transaction<Schema>

/** For functions that work either way. */
export type Handle = Db | Tx

/** A transaction of `store.tenant` or `store.node`: elsewhere the rows of tenants are not to be seen. */
export type ScopedTx = Brand<Tx, 'scoped'>
