/** Erases local copies: it takes nothing but a proof, so that erasing unproven data does not compile. */
import type { StagingArea } from './staging-area.js'
import type { VaultProof } from './verify.js'

/** Erases what the proof covers, and looks that it is gone; may be called again. @throws NodeError ERASE_INCOMPLETE */
export async function release(area: StagingArea, proof: VaultProof): Promise<number> {
  const stagings = proof.stagings()
  for (const staging of stagings) await area.remove(staging)
  return stagings.length
}
