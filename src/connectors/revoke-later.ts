/** A grant whose provider did not answer when its connector was deleted: the sealed token alone is kept, and the revocation tried again for a day. */
import { refreshTokens } from '../credentials/token-refresh.js'
import { NodeError, toNodeError } from '../errors.js'
import type { Redacted } from '../lib/redacted.js'
import { usableProvider, type Tokens } from '../provider/index.js'
import {
  connectorCredentials,
  revocations,
  type Connector,
  type Revocation,
  type ScopedTx,
} from '../store/index.js'
import { audit } from './audit.js'
import type { ConnectorGrantPorts, DueCare } from './ports.js'
import { revokeWith } from './revoke-grant.js'
import { openTokens, sealTokens } from './sealed-credentials.js'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
const MOST_WAIT_MS = 2 * 60 * MINUTE_MS

/** In the transaction that erases the connector. Gives until when it is tried. */
export async function keepForRevocation(
  tx: ScopedTx,
  { id, tenant, type }: Connector,
  nowMs: number,
): Promise<number | undefined> {
  const tokens = await connectorCredentials.get(tx, id, 'tokens')
  if (tokens === undefined) return undefined
  const untilMs = nowMs + DAY_MS
  const times = { nextTryAtMs: nowMs + MINUTE_MS, untilMs, nowMs }
  await revocations.create(tx, { tenant, connectorId: id, type, tokensSealed: tokens.sealed, ...times })
  return untilMs
}

export async function claimRevocations(
  tx: ScopedTx,
  nowMs: number,
  limit: number,
): Promise<readonly DueCare[]> {
  const due = await revocations.claimDue(tx, nowMs, limit)
  return due.map(({ id, tenant, connectorId }) => ({ id, tenant, group: tenant, connectorId }))
}

/** Its end, good or not, is in the audit log; the token is erased with it. @throws NodeError STORE_UNAVAILABLE */
export async function revokeNow(ports: ConnectorGrantPorts, id: string, signal: AbortSignal): Promise<void> {
  const { store, clock } = ports
  const row = await store.node((tx) => revocations.get(tx, id))
  if (row === undefined) return
  const error = await tryRevoke(ports, row, signal).then(() => undefined, toNodeError)
  signal.throwIfAborted()
  const nowMs = clock.now()
  await store.tenant(row.tenant, async (tx) => {
    const nextTryAtMs = nowMs + waitMs(row.tries, error?.retryAfterMs)
    if (error?.fate === 'retry' && nextTryAtMs < row.untilMs)
      return revocations.putOff(tx, id, { tries: row.tries + 1, nextTryAtMs, lastErrorCode: error.code })
    await revocations.remove(tx, id)
    // Unknown there is what was asked for.
    const revoked = error === undefined || error.code === 'TOKEN_REVOKED'
    const facts = { revoked, ...(!revoked && { reason: error.code }) }
    const { tenant, connectorId } = row
    await audit(tx, { tenant, actor: 'node', action: 'credentials.revoked', connectorId, facts, nowMs })
  })
}

const waitMs = (tries: number, retryAfterMs = 0): number =>
  Math.max(Math.min(MINUTE_MS * 2 ** (tries + 1), MOST_WAIT_MS), retryAfterMs)

async function tryRevoke(ports: ConnectorGrantPorts, row: Revocation, signal: AbortSignal): Promise<void> {
  const { store, ring, catalog, clock, log, outbound } = ports
  const place = { tenant: row.tenant, id: row.connectorId }
  let tokens: Tokens = openTokens(ring, place, row.tokensSealed)
  const use = usableProvider(catalog, row.type, tokens.kind)
  const source = {
    current: (): Promise<Redacted> => Promise.resolve(tokens.accessToken),
    async refresh(): Promise<Redacted> {
      if (tokens.refreshToken === undefined)
        throw new NodeError('TOKEN_REVOKED', { detail: 'there is no refresh token' })
      tokens = await refreshTokens({ ...outbound, clock, log }, use, tokens)
      // Durable before its first use: the one before is spent.
      const sealed = sealTokens(ring, place, tokens)
      await store.tenant(row.tenant, (tx) => revocations.setTokens(tx, row.id, sealed))
      return tokens.accessToken
    },
    tokens: (): Tokens => tokens,
  }
  await revokeWith(ports, use, source, { connectionId: row.id, signal })
}
