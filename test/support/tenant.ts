/** An application of one tenant for end-to-end tests: its calls to a node's `/v1`, and a person who signs in for it. */
import { mintJwt } from '../../src/api/authentication/mint-jwt.js'
import { SCOPES } from '../../src/api/authentication/principal.js'
import { approve } from '../../src/devnet/sandbox-service/index.js'
import { systemClock } from '../../src/lib/clock.js'
import { Redacted } from '../../src/lib/redacted.js'

export interface Answer {
  readonly status: number
  readonly json: Readonly<Record<string, unknown>>
  readonly text: string
}

export interface TenantRecord {
  readonly id: string
  readonly stream: string
  readonly source_id: string
  readonly data: unknown
  readonly created_at: string
  readonly updated_at: string
}

export interface Tenant {
  call(method: string, path: string, body?: object): Promise<Answer>
  /** A connector whose account a person connects in a browser; nothing runs before it is asked for. */
  connect(wishes?: object): Promise<string>
  /** All records, in the order in which they were written. */
  records(connectorId: string): Promise<readonly TenantRecord[]>
}

/** @param secret JWT_SHARED_SECRET of the node */
export async function openTenant(url: string, secret: string, tenant: string): Promise<Tenant> {
  const trust = {
    kind: 'secret',
    secret: new Redacted(secret),
    issuer: undefined,
    audience: undefined,
  } as const
  const wishes = { tenant, subject: 'ann', scopes: SCOPES, lifetimeMs: 3_600_000 }
  const authorization = `Bearer ${await mintJwt(trust, wishes, systemClock)}`

  async function call(method: string, path: string, body?: object): Promise<Answer> {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { authorization, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true
    return { status: answer.status, text, json: isJson ? (JSON.parse(text) as Answer['json']) : {} }
  }

  return {
    call,
    async connect(more = {}) {
      const asked = await call('POST', '/v1/oauth/sandbox/authorize', more)
      if (asked.status !== 200) throw new Error(`authorize: ${asked.status} ${asked.text}`)
      const { authorize_url: address, connector } = asked.json as {
        readonly authorize_url: string
        readonly connector: { readonly id: string }
      }
      const started = await fetch(address, { redirect: 'manual' })
      const cookie = started.headers
        .getSetCookie()
        .map((line) => line.split(';', 1)[0])
        .join('; ')
      const callback = await approve(started.headers.get('location') ?? '')
      const connected = await fetch(callback, { headers: { cookie, accept: 'application/json' } })
      if (connected.status !== 200) throw new Error(`callback: ${connected.status} ${await connected.text()}`)
      return connector.id
    },
    async records(id) {
      const { status, text } = await call('GET', `/v1/connectors/${id}/records/export`)
      if (status !== 200) throw new Error(`export: ${status} ${text}`)
      return text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as TenantRecord)
    },
  }
}
