/** Suite A: what every provider must do. One rule per promise; each can fail (see `broken/provider-*.ts`). */
import { BrokenRule } from '../support/broken-rule.js'
import type { ProviderCase } from '../support/provider-case.js'
import { a4Authorize } from './provider-authorize.js'
import { a13Browse } from './provider-browse.js'
import { a5Paging, a6Pure, a7Expected } from './provider-data.js'
import { a22Contents } from './provider-contents.js'
import { a19Endings, a20Deletes, a21Revoke } from './provider-endings.js'
import { a8Hostile } from './provider-hostile.js'
import { a12Leaks } from './provider-leaks.js'
import { a10Hosts, a11Abort, a9Failures } from './provider-network.js'
import { a1Folder, a3Schemas } from './provider-declaration.js'
import { a2Facts } from './provider-facts.js'
import { a15SameBytes, a16Resume, a17Waits, a18Refresh } from './provider-syncs.js'
import { a14Webhooks } from './provider-webhooks.js'

/** Every rule by its id. A rule throws a `BrokenRule` when the provider breaks it. */
export const providerRules = {
  'A1-folder': a1Folder,
  'A2-facts': a2Facts,
  'A3-schemas': a3Schemas,
  'A4-authorize': a4Authorize,
  'A5-paging': a5Paging,
  'A6-pure': a6Pure,
  'A7-expected': a7Expected,
  'A8-hostile': a8Hostile,
  'A9-failures': a9Failures,
  'A10-hosts': a10Hosts,
  'A11-abort': a11Abort,
  'A12-leaks': a12Leaks,
  'A13-browse': a13Browse,
  'A14-webhooks': a14Webhooks,
  'A15-same-bytes': a15SameBytes,
  'A16-resume': a16Resume,
  'A17-waits': a17Waits,
  'A18-refresh': a18Refresh,
  'A19-endings': a19Endings,
  'A20-deletes': a20Deletes,
  'A21-revoke': a21Revoke,
  'A22-contents': a22Contents,
} as const satisfies Record<string, (one: ProviderCase) => Promise<void>>

export type ProviderRuleId = keyof typeof providerRules

/** Runs one rule. @throws Error that names the rule, the provider, what is wrong and the file to open */
export async function runProviderRule(id: ProviderRuleId, one: ProviderCase): Promise<void> {
  try {
    await providerRules[id](one)
  } catch (error) {
    const what = error instanceof BrokenRule ? error.message : `${String(error)}. Open ${one.path}/index.ts`
    throw new Error(`${id} (${one.path}): ${what}`, { cause: error })
  }
}

/** Rules over whole syncs: what breaks a rule of the parts may break them too. */
export const isWhole = (id: ProviderRuleId): boolean => /^A(1[5-9]|2\d)-/.test(id)

const allRules = Object.keys(providerRules) as readonly ProviderRuleId[]

/** The rules that a provider breaks. An error that is no `BrokenRule` counts as broken too. */
export async function brokenProviderRules(
  one: ProviderCase,
  ids: readonly ProviderRuleId[] = allRules,
): Promise<ProviderRuleId[]> {
  const broken: ProviderRuleId[] = []
  for (const id of ids) {
    await runProviderRule(id, one).catch(() => broken.push(id))
  }
  return broken
}
