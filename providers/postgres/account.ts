/** Whose database it is, and whether all that was told of is there: the test of a connection. */
import type { Account, CallContext, ProviderHttp, SettingsShape } from '../../src/provider/index.js'
import { refused } from './failures.js'
import { checkKeys } from './place.js'
import { inSession } from './session.js'
import { placesOf, sourceOf } from './source.js'
import { formOf } from './watermark.js'

const SERVER = `
  select pg_catalog.current_setting('server_version'), (
    select pg_catalog.count(*) from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and n.nspname !~ '^(pg_|information_schema$)'
      and pg_catalog.has_schema_privilege(n.oid, 'usage') and pg_catalog.has_table_privilege(c.oid, 'select'))`

/** @throws NodeError REQUEST_INVALID with the field that is to blame, and those of `inSession` */
export async function readAccount(http: ProviderHttp, context: CallContext<SettingsShape>): Promise<Account> {
  const { texts } = context.fields
  return inSession(http, context, async (session) => {
    const { rows } = await session.ask(SERVER)
    const [version = '', tables = ''] = rows[0] ?? []
    let marked = 0
    for (const collection of placesOf(texts).keys()) {
      const source = await sourceOf(session, texts, collection)
      await checkKeys(session, source)
      if (source.watermark === undefined) continue
      formOf(source, source.watermark.name)
      marked += 1
    }
    if (texts['watermark'] !== undefined && marked === 0)
      throw refused('watermark', 'is a column of none of these')
    const { address = '', database = '', username = '' } = texts
    return {
      id: `${address}/${database}`,
      name: `${database}, PostgreSQL ${(version ?? '').replace(/\s.*$/, '')}, ${tables ?? '0'} readable tables`,
      username,
    }
  })
}
