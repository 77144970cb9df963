/** What a file's record says of its content, by what is known of it and what its connection wants. Pure. */
import type { ContentOffer, Skip } from '../provider/index.js'
import type { ContentFacts, ContentState, SettledFacts } from './content-state.js'

export type Described =
  /** It is no file: nothing is said. */
  | { readonly kind: 'none' }
  /** Nothing is kept of it. */
  | { readonly kind: 'left out'; readonly facts: SettledFacts }
  /** What was fetched is still its content. */
  | { readonly kind: 'kept'; readonly facts: SettledFacts }
  | { readonly kind: 'wanted'; readonly facts: ContentFacts; readonly offer: ContentOffer }

export function describeContent(
  offered: ContentOffer | Skip | undefined,
  known: ContentState | undefined,
  maxBytes: number,
): Described {
  if (offered === undefined) return { kind: 'none' }
  if ('skip' in offered) return { kind: 'left out', facts: { state: 'absent', reason: offered.skip } }
  const { sizeBytes, version } = offered
  if (sizeBytes !== undefined && sizeBytes > maxBytes)
    return { kind: 'left out', facts: tooLarge(maxBytes, sizeBytes) }
  if (known?.kind === 'settled' && known.version === version) {
    const { facts } = known
    if (facts.state === 'stored' && facts.size > maxBytes)
      return { kind: 'left out', facts: tooLarge(maxBytes, facts.size) }
    const isOver = facts.state === 'absent' && facts.maxBytes !== undefined && facts.maxBytes < maxBytes
    if (!isOver) return { kind: 'kept', facts }
  }
  return { kind: 'wanted', facts: { state: 'pending' }, offer: offered }
}

export const tooLarge = (maxBytes: number, size?: number): SettledFacts => ({
  state: 'absent',
  reason: 'too_large',
  maxBytes,
  ...(size !== undefined && { size }),
})
