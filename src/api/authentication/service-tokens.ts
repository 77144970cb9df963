/** Service tokens of tenants: shown once, kept as a hash, believed for at most five minutes without asking the store. */
import { randomBytes, randomUUID } from 'node:crypto'
import { NodeError } from '../../errors.js'
import type { Clock } from '../../lib/clock.js'
import { sha256 } from '../../lib/keyed-hash.js'
import { Redacted } from '../../lib/redacted.js'
import { auditLog, serviceTokens, type ServiceToken, type Store } from '../../store/index.js'
import { knownScopes, type Principal, type Scope } from './principal.js'

export interface NewServiceToken {
  readonly name: string
  readonly scopes: readonly Scope[]
  /** `undefined`: until it is revoked. */
  readonly expiresAtMs?: number | undefined
}

export interface ServiceTokens {
  /** The token itself is given out here and never again. @throws NodeError FORBIDDEN for a scope that the maker has not */
  issue(
    maker: Principal,
    wanted: NewServiceToken,
  ): Promise<{ readonly token: Redacted; readonly row: ServiceToken }>
  /** Also those that ended. */
  list(tenant: string): Promise<readonly ServiceToken[]>
  /** At once in this process, within five minutes in others. @throws NodeError TOKEN_UNKNOWN */
  revoke(by: Principal, id: string): Promise<void>
  /** @throws NodeError UNAUTHENTICATED */
  read(token: string): Promise<Principal>
}

/** What tells a service token from any other bearer token. */
export const SERVICE_TOKEN_PREFIX = 'cns_'

const SHAPE = /^cns_[A-Za-z0-9_-]{43}$/
const BELIEVED_MS = 5 * 60_000
/** Beyond it, the oldest entry goes. */
const MAX_REMEMBERED = 10_000

interface Remembered {
  readonly row: ServiceToken
  readonly untilMs: number
}

export function createServiceTokens({
  store,
  clock,
}: {
  readonly store: Store
  readonly clock: Clock
}): ServiceTokens {
  const rowsByHash = new Map<string, Remembered>()
  let revocations = 0

  async function load(tokenHash: string): Promise<ServiceToken | undefined> {
    const nowMs = clock.now()
    const before = revocations
    const row = await store.node(async (tx) => {
      const found = await serviceTokens.findByHash(tx, tokenHash)
      if (found !== undefined && isLive(found, nowMs)) await serviceTokens.touch(tx, found.id, nowMs)
      return found
    })
    // One that is unknown may be made the next moment; one read during a revocation may be the revoked one.
    if (row === undefined || revocations !== before) return row
    rowsByHash.delete(tokenHash)
    rowsByHash.set(tokenHash, { row, untilMs: nowMs + BELIEVED_MS })
    const [oldest] = rowsByHash.keys()
    if (rowsByHash.size > MAX_REMEMBERED && oldest !== undefined) rowsByHash.delete(oldest)
    return row
  }

  return {
    async issue(maker, { name, scopes, expiresAtMs }) {
      refuseMore(maker, scopes)
      const token = `${SERVICE_TOKEN_PREFIX}${randomBytes(32).toString('base64url')}`
      const { tenant, actor } = maker
      const id = randomUUID()
      const nowMs = clock.now()
      const row = await store.tenant(tenant, async (tx) => {
        const facts = { name, scopes: [...scopes], expiresAtMs: expiresAtMs ?? null }
        await auditLog.append(tx, {
          tenant,
          nowMs,
          actor,
          action: 'service_token.created',
          subject: id,
          facts,
        })
        return serviceTokens.create(tx, {
          id,
          tenant,
          tokenHash: hashOf(token),
          nowMs,
          ...facts,
        })
      })
      return { token: new Redacted(token), row }
    },
    list: (tenant) => store.tenant(tenant, (tx) => serviceTokens.list(tx)),
    async revoke({ tenant, actor }, id) {
      const nowMs = clock.now()
      await store.tenant(tenant, async (tx) => {
        if (!(await serviceTokens.revoke(tx, id, nowMs))) throw new NodeError('TOKEN_UNKNOWN')
        await auditLog.append(tx, {
          tenant,
          nowMs,
          actor,
          action: 'service_token.revoked',
          subject: id,
          facts: {},
        })
      })
      revocations += 1
      for (const [hash, { row }] of rowsByHash) if (row.id === id) rowsByHash.delete(hash)
    },
    async read(token) {
      if (!SHAPE.test(token)) throw refused('the service token is malformed')
      const tokenHash = hashOf(token)
      const remembered = rowsByHash.get(tokenHash)
      const isFresh = remembered !== undefined && remembered.untilMs > clock.now()
      const row = isFresh ? remembered.row : await load(tokenHash)
      if (row === undefined) throw refused('the service token is not known')
      if (!isLive(row, clock.now())) throw refused('the service token has ended')
      const name = `token:${row.id}`
      return {
        tenant: row.tenant,
        subject: name,
        scopes: knownScopes(row.scopes),
        kind: 'service',
        actor: name,
      }
    },
  }
}

/** 32 random bytes need no salt and no slow hash. */
const hashOf = (token: string): string => sha256(token).toString('hex')

const isLive = ({ revokedAtMs, expiresAtMs }: ServiceToken, nowMs: number): boolean =>
  revokedAtMs === null && (expiresAtMs === null || expiresAtMs > nowMs)

/** Nobody gives what he has not; the operator, who sees no data, may give all. */
function refuseMore(maker: Principal, scopes: readonly Scope[]): void {
  const missing = maker.kind === 'operator' ? undefined : scopes.find((scope) => !maker.scopes.has(scope))
  if (missing !== undefined)
    throw new NodeError('FORBIDDEN', { detail: `the scope ${missing} is not yours to give` })
}

function refused(detail: string): NodeError {
  return new NodeError('UNAUTHENTICATED', { detail })
}
