/** The shop behind a key: named by its index, which everybody may read, and proven by a call that only a key may make. */
import {
  filled,
  readAnswer,
  type Account,
  type CallContext,
  type ProviderHttp,
  type SettingsShape,
} from '../../src/provider/index.js'
import { currency, site } from './api.js'
import { originOf } from './lists.js'

export async function readAccount(
  http: ProviderHttp,
  { fields }: Pick<CallContext<SettingsShape>, 'fields'>,
): Promise<Account> {
  const origin = originOf(fields)
  readAnswer(currency, await http.get(`${origin}/wp-json/wc/v3/data/currencies/current`))
  const { name } = readAnswer(site, await http.get(`${origin}/wp-json/`, { query: { _fields: 'name,url' } }))
  const id = new URL(origin).host
  return { id, name: filled(name) ?? id, username: id }
}
