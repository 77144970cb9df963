/** What the node keeps of an account's id: a keyed hash, so that the database does not tell whose account it is. */
import { hmac } from '../lib/keyed-hash.js'
import type { NodeSecrets } from './node-secrets.js'

/** 64 hex characters each, one per version of the node secret, newest first: a new row takes the first, a lookup tries all. */
export function accountHashes(
  secrets: NodeSecrets,
  account: { readonly provider: string; readonly accountId: string },
): readonly [string, ...string[]] {
  const hashOf = (version: number): string =>
    hmac(secrets.secret(version), ['cn/1/account', account.provider, account.accountId]).toString('hex')
  const older = secrets.versions.filter((version) => version !== secrets.current)
  return [hashOf(secrets.current), ...older.map(hashOf)]
}
