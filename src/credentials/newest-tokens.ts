/** Finds the newest tokens of a grant whose capsules were opened; asks no provider (protocol.md 4.3). */
import { NodeError } from '../errors.js'
import type { Bytes } from '../lib/keyed-hash.js'
import type { Account, Tokens } from '../provider/index.js'
import { grants, type Grant, type Store } from '../store/index.js'
import type { OpenedCapsules } from './capsule.js'
import type { GrantContent } from './capsule-content.js'
import { openGrantTokens } from './grant-tokens.js'
import type { NodeSecrets } from './node-secrets.js'
import type { JournalEntry, TokenJournal } from './token-journal.js'

export interface NewestTokens {
  readonly generation: number
  readonly tokens: Tokens
  readonly account: Account
}

/** Where tokens of a grant may lie beside its capsules. */
export interface TokenPlaces {
  readonly store: Store
  readonly secrets: NodeSecrets
  readonly journal: TokenJournal
}

/** The newest of: what the capsules carry, what the store keeps, what the journal kept through a power loss. */
export async function newestTokens(
  ports: TokenPlaces,
  { content, grantId }: OpenedCapsules,
  grant: Grant,
): Promise<NewestTokens> {
  const kept = await keptTokens(ports, grant, content)
  const { tokens, account, generation } = content
  if (kept.generation <= generation && tokens !== undefined && account !== undefined)
    return { tokens, account, generation }
  if (kept.tokensSealed === null) {
    throw new NodeError('TOKEN_REVOKED', { detail: 'newer capsules of this grant were given out and used' })
  }
  const opened = openKept(ports.secrets, content.grantSecret, grantId, kept.tokensSealed)
  if (opened.tokens === undefined || opened.account === undefined)
    throw new NodeError('SEAL_FAILED', { detail: 'no tokens are kept' })
  // A restored backup under capsules that only name the grant: these tokens were replaced long ago.
  if (opened.generation < kept.generation)
    throw new NodeError('TOKEN_REVOKED', { detail: 'the tokens of this generation are lost' })
  return { tokens: opened.tokens, account: opened.account, generation: kept.generation }
}

/** What the store keeps; brought up to the journal first when the store lost its last commits. */
async function keptTokens(
  { store, journal }: TokenPlaces,
  grant: Grant,
  presented: GrantContent,
): Promise<JournalEntry | Grant> {
  const entry = await journal.get(grant.id)
  if (entry === undefined) return grant
  // Capsules that only name the grant carry no tokens: then the journal stays.
  if (entry.generation <= presented.generation && presented.tokens !== undefined)
    await journal.remove(grant.id)
  for (let generation = grant.generation; generation < entry.generation; generation += 1) {
    await grants.advance(store.db, grant.id, generation, entry.tokensSealed)
  }
  return entry.generation >= grant.generation ? entry : grant
}

function openKept(secrets: NodeSecrets, grantSecret: Bytes, grantId: string, sealed: string): GrantContent {
  const failures: unknown[] = []
  for (const version of secrets.versions) {
    try {
      return openGrantTokens({ nodeSecret: secrets.secret(version), grantId }, grantSecret, sealed)
    } catch (error) {
      failures.push(error)
    }
  }
  throw new NodeError('SEAL_FAILED', {
    detail: `the tokens of grant ${grantId} open with no secret of this node`,
    cause: new AggregateError(failures),
  })
}
