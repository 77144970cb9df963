/** The list that was told of, tried. */
import type { Account, CallContext, ProviderHttp, SettingsShape } from '../../src/provider/index.js'
import { readPage } from './pages.js'

export async function readAccount(
  http: ProviderHttp,
  { fields }: Pick<CallContext<SettingsShape>, 'fields'>,
): Promise<Account> {
  await readPage(http, fields)
  const { url = '', path = '', collection = '' } = fields.texts
  // Parameters are no part of it: they may change with the person's mind.
  const place = path.replace(/\?.*$/s, '')
  return { id: `${url}${place}`, name: collection, username: new URL(url).host }
}
