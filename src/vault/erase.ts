/** Erases local copies: with a proof, so that erasing unproven data does not compile, or with the reason why nobody needs it any more. */
import type { Staging } from './staging.js'
import type { StagingArea } from './staging-area.js'
import type { VaultProof } from './verify.js'

/** Erases what the proof covers, and looks that it is gone; may be called again. @throws NodeError ERASE_INCOMPLETE */
export async function release(area: StagingArea, proof: VaultProof): Promise<number> {
  const stagings = proof.stagings()
  for (const staging of stagings) await area.remove(staging)
  return stagings.length
}

/**
 * What a former run left behind and nobody needs: `forgotten`, its database was deleted at the owner's wish; `damaged`,
 * it does not open. Its cursor was not committed, or it was proven before, so nothing is lost with it.
 */
export interface Unneeded {
  readonly kind: 'forgotten' | 'damaged'
  readonly staging: Staging
}

/** @throws NodeError ERASE_INCOMPLETE */
export async function discard(area: StagingArea, { staging }: Unneeded): Promise<void> {
  await area.remove(staging)
}
