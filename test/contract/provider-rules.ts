/** Suite A: what every provider must do. One rule per promise; each can fail (see `broken/provider-*.ts`). */
import { BrokenRule } from '../support/broken-rule.js'
import type { ProviderCase } from '../support/provider-case.js'
import { a4Authorize } from './provider-authorize.js'
import { a5Paging, a6Pure, a7Expected } from './provider-data.js'
import { a8Hostile } from './provider-hostile.js'
import { a12Leaks } from './provider-leaks.js'
import { a10Hosts, a11Abort, a9Failures } from './provider-network.js'
import { a1Folder, a2Facts, a3Schemas } from './provider-declaration.js'

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

/** The rules that a provider breaks. An error that is no `BrokenRule` counts as broken too. */
export async function brokenProviderRules(one: ProviderCase): Promise<ProviderRuleId[]> {
  const broken: ProviderRuleId[] = []
  for (const id of Object.keys(providerRules) as ProviderRuleId[]) {
    await runProviderRule(id, one).catch(() => broken.push(id))
  }
  return broken
}
