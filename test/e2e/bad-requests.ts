/** The bad requests, each with its status and its code. They are made when they are sent, since they name what is connected by then. */
import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { LinkCapsules } from '../../src/devnet/vault-http.js'
import type { ErrorCode } from '../../src/errors.js'
import type { Keyholder } from './keyholder.js'
import { PROVIDER } from './world.js'

export interface Parties {
  readonly url: string
  readonly owner: Keyholder
  readonly other: Keyholder
  /** Capsules of the owner, and of the other. */
  readonly own: LinkCapsules
  readonly foreign: LinkCapsules
}

export interface Bad {
  readonly path: string
  readonly init?: RequestInit
}
export type Case = readonly [what: string, bad: () => Bad | Promise<Bad>, status: number, code: ErrorCode]

const JSON_TYPE = { 'content-type': 'application/json' }

/** In groups by what is wrong. `marker` is in every value that is sent. */
export function badRequests(
  parties: () => Parties,
  { owner, other, marker }: Pick<Parties, 'owner' | 'other'> & { readonly marker: string },
): readonly (readonly [of: string, cases: readonly Case[]])[] {
  /** A whole GET /sync but for what is changed. `undefined` leaves a parameter out. */
  function sync(changes: Record<string, string | undefined>, provider: string = PROVIDER): Bad {
    const query = new URLSearchParams()
    const members: Record<string, string | undefined> = {
      did: owner.did,
      key: owner.key,
      ...parties().own,
      ...changes,
    }
    for (const [name, value] of Object.entries(members)) if (value !== undefined) query.set(name, value)
    return { path: `/sync/${provider}?${query.toString()}` }
  }

  const withMore = ({ path }: Bad, more: string): Bad => ({ path: `${path}&${more}` })

  /** A POST signed by the owner over the very bytes that are sent. */
  function signed(
    path: string,
    body: string,
    signer: Keyholder = owner,
    headers: Record<string, string> = JSON_TYPE,
  ): Bad {
    const token = signer.sign({ method: 'POST', url: parties().url + path, body, audience: parties().url })
    return { path, init: { method: 'POST', body, headers: { authorization: `Bearer ${token}`, ...headers } } }
  }
  const start = (members: object, provider = PROVIDER): Bad =>
    signed(
      `/syncStart/${provider}`,
      JSON.stringify({ did: owner.did, key: owner.key, ...parties().own, ...members }),
    )

  const dids: readonly Case[] = [
    ['no DID', () => sync({ did: undefined }), 400, 'DID_INVALID'],
    ['a DID of another method', () => sync({ did: `did:web:${marker}` }), 400, 'DID_INVALID'],
    [
      'a DID of an unknown network',
      () => sync({ did: owner.did.replace('testnet', marker) }),
      400,
      'DID_INVALID',
    ],
    ['a DID that is too short', () => sync({ did: owner.did.slice(0, -1) }), 400, 'DID_INVALID'],
    ['a DID with markup', () => sync({ did: `<script>${marker}</script>` }), 400, 'DID_INVALID'],
    [
      'a DID with a line break',
      () => sync({ did: `${owner.did}\r\nX-${marker}: 1` }),
      400,
      'REQUEST_INVALID',
    ],
    ['a DID with NUL', () => sync({ did: `${owner.did}\u0000${marker}` }), 400, 'REQUEST_INVALID'],
    ['a DID given twice', () => withMore(sync({}), `did=${marker}`), 400, 'REQUEST_INVALID'],
    [
      'an operator for a DID',
      () => withMore(sync({ did: undefined }), `did[$ne]=${marker}`),
      400,
      'DID_INVALID',
    ],
    ["another owner's DID", () => sync({ did: other.did }), 409, 'TOKEN_REVOKED'],
    [
      'the same address on another network',
      () => sync({ did: owner.did.replace('testnet', 'mainnet') }),
      409,
      'TOKEN_REVOKED',
    ],
    ["another owner's DID in a signed body", () => start({ did: other.did }), 403, 'FORBIDDEN'],
    ['a malformed DID in a signed body', () => start({ did: marker }), 400, 'DID_INVALID'],
  ]

  const keys: readonly Case[] = [
    ['no key', () => sync({ key: undefined }), 400, 'KEY_INVALID'],
    ['a key that is too short', () => sync({ key: owner.key.slice(2) }), 400, 'KEY_INVALID'],
    ['a key that is too long', () => sync({ key: `${owner.key}00` }), 400, 'KEY_INVALID'],
    ['a key that is not hexadecimal', () => sync({ key: marker.padEnd(64, 'g') }), 400, 'KEY_INVALID'],
    ['a key given twice', () => withMore(sync({}), `key=${marker}`), 400, 'REQUEST_INVALID'],
    ['another key', () => sync({ key: randomBytes(32).toString('hex') }), 409, 'TOKEN_REVOKED'],
    [
      'another key in a signed body',
      () => start({ key: randomBytes(32).toString('hex') }),
      409,
      'TOKEN_REVOKED',
    ],
  ]

  const providers: readonly Case[] = [
    ['an unknown provider', () => sync({}, marker), 404, 'PROVIDER_UNKNOWN'],
    ['a provider that is not set up', () => sync({}, 'facebook'), 503, 'PROVIDER_NOT_CONFIGURED'],
    ['4 kB of provider', () => sync({}, `${marker}${'a'.repeat(4096)}`), 404, 'PROVIDER_UNKNOWN'],
    ['a provider with markup', () => sync({}, `%3Cscript%3E${marker}`), 404, 'PROVIDER_UNKNOWN'],
    ['a provider out of the tree', () => sync({}, '..%2f..%2fetc%2fpasswd'), 404, 'PROVIDER_UNKNOWN'],
    ['a provider with NUL', () => sync({}, `sandbox%00${marker}`), 404, 'PROVIDER_UNKNOWN'],
    [
      'a provider with a line break',
      () => sync({}, `sandbox%0d%0aX-${marker}:%201`),
      404,
      'PROVIDER_UNKNOWN',
    ],
    ['the name of all objects', () => sync({}, '__proto__'), 404, 'PROVIDER_UNKNOWN'],
    ['malformed percent-encoding', () => sync({}, '%E0%A4%A'), 400, 'REQUEST_INVALID'],
    ['an unknown provider in a signed request', () => start({}, marker), 404, 'PROVIDER_UNKNOWN'],
    [
      'syncDone of an unknown provider',
      () => ({ path: `/syncDone/${marker}?did=${owner.did}` }),
      404,
      'PROVIDER_UNKNOWN',
    ],
  ]

  const capsules: readonly Case[] = [
    [
      'capsules that are no capsules',
      () => sync({ accessToken: marker, refreshToken: marker }),
      409,
      'TOKEN_REVOKED',
    ],
    ["another owner's capsules", () => sync({ ...parties().foreign }), 409, 'TOKEN_REVOKED'],
    [
      "another owner's capsules in a signed request",
      () => start({ ...parties().foreign }),
      409,
      'TOKEN_REVOKED',
    ],
    [
      'capsules of two grants',
      () => sync({ refreshToken: parties().foreign.refreshToken }),
      409,
      'TOKEN_REVOKED',
    ],
    [
      'the capsules in each other’s place',
      () => sync({ accessToken: parties().own.refreshToken, refreshToken: parties().own.accessToken }),
      409,
      'TOKEN_REVOKED',
    ],
    ['no capsules', () => sync({ accessToken: undefined, refreshToken: undefined }), 409, 'TOKEN_REVOKED'],
    ...[0, 1, 3, 8, 12, 40, -1].map((at): Case => [
      `a capsule with a bit flipped in byte ${at}`,
      () => sync({ accessToken: flipped(parties().own.accessToken, at) }),
      409,
      'TOKEN_REVOKED',
    ]),
    ...[1, 20, 60].map((kept): Case => [
      `a capsule of which ${kept} characters are left`,
      () => sync({ refreshToken: parties().own.refreshToken.slice(0, kept) }),
      409,
      'TOKEN_REVOKED',
    ]),
    [
      'a capsule with something behind it',
      () => sync({ refreshToken: `${parties().own.refreshToken}AAAA` }),
      409,
      'TOKEN_REVOKED',
    ],
    [
      'a capsule with padding',
      () => sync({ accessToken: `${parties().own.accessToken}==` }),
      409,
      'TOKEN_REVOKED',
    ],
    [
      'a capsule with a line break',
      () => sync({ accessToken: `${parties().own.accessToken}\n` }),
      400,
      'REQUEST_INVALID',
    ],
    [
      'a capsule that is too long',
      () => sync({ accessToken: marker.padEnd(8_200, 'a') }),
      400,
      'REQUEST_INVALID',
    ],
    ['a capsule given twice', () => withMore(sync({}), `accessToken=${marker}`), 400, 'REQUEST_INVALID'],
    ['a config that is not JSON', () => sync({ config: `{${marker}` }), 400, 'REQUEST_INVALID'],
    ['a config that is a list', () => sync({ config: `["${marker}"]` }), 400, 'REQUEST_INVALID'],
    ['a config with numbers', () => sync({ config: '{"accessToken":1}' }), 400, 'REQUEST_INVALID'],
    [
      'a config that poisons prototypes',
      () =>
        sync({
          accessToken: undefined,
          refreshToken: undefined,
          config: `{"__proto__":${JSON.stringify(parties().own)},"constructor":{"prototype":{"x":"${marker}"}}}`,
        }),
      409,
      'TOKEN_REVOKED',
    ],
  ]

  const path = `/syncStart/${PROVIDER}`
  const bodies: readonly Case[] = [
    ['no body', () => ({ path, init: { method: 'POST' } }), 400, 'REQUEST_INVALID'],
    ['broken JSON', () => signed(path, `{"did":"${marker}`), 400, 'REQUEST_INVALID'],
    ['JSON that is a list', () => signed(path, `["${marker}"]`), 400, 'REQUEST_INVALID'],
    ['JSON that is a text', () => signed(path, `"${marker}"`), 400, 'REQUEST_INVALID'],
    ['a body that is too large', () => signed(path, `{"did":"${marker.repeat(70_000)}"}`), 413, 'TOO_LARGE'],
    ['text', () => signed(path, marker, owner, { 'content-type': 'text/plain' }), 415, 'TYPE_UNSUPPORTED'],
    [
      '50 MB that are 50 kB on the way',
      () => {
        const body = gzipSync(Buffer.alloc(50_000_000, ' '))
        const headers = { ...JSON_TYPE, 'content-encoding': 'gzip' }
        return { path, init: { method: 'POST', body, headers } }
      },
      413,
      'TOO_LARGE',
    ],
    [
      'JSON that is called text',
      () =>
        signed(path, JSON.stringify({ did: owner.did, key: owner.key, ...parties().own }), owner, {
          'content-type': 'text/plain',
        }),
      415,
      'TYPE_UNSUPPORTED',
    ],
    [
      'a form, which the signature would not cover',
      () => {
        const body = new URLSearchParams({ did: owner.did, key: owner.key, ...parties().own }).toString()
        const { init = {} } = signed(path, '')
        const headers = {
          ...(init.headers as Record<string, string>),
          'content-type': 'application/x-www-form-urlencoded',
        }
        return { path, init: { ...init, body, headers } }
      },
      415,
      'TYPE_UNSUPPORTED',
    ],
    ['an unknown member', () => start({ [marker]: 1 }), 400, 'REQUEST_INVALID'],
    [
      'an owner of its own making',
      () => start({ owner: marker, status: 'complete' }),
      400,
      'REQUEST_INVALID',
    ],
    ['a list for a text', () => start({ key: [owner.key] }), 400, 'REQUEST_INVALID'],
    ['an operator for a text', () => start({ did: { $ne: marker } }), 400, 'REQUEST_INVALID'],
    [
      'a limit below one',
      () => start({ syncSchemas: { [`<b>${marker}`]: { limit: 0 } } }),
      400,
      'REQUEST_INVALID',
    ],
    ['a poisoned prototype', () => signed(path, `{"__proto__":{"did":"${marker}"}}`), 400, 'REQUEST_INVALID'],
    [
      'a code of nobody',
      () => signed('/connect/redeem', JSON.stringify({ code: marker, verifier: 'v'.repeat(43) })),
      410,
      'GONE',
    ],
    [
      'a verifier that is too short',
      () => signed('/connect/redeem', `{"code":"${marker}","verifier":"v"}`),
      400,
      'REQUEST_INVALID',
    ],
    ['a disconnect with nothing', () => signed(`/disconnect/${PROVIDER}`, '{}'), 400, 'REQUEST_INVALID'],
    [
      'a disconnect with foreign capsules',
      () =>
        signed(
          `/disconnect/${PROVIDER}`,
          JSON.stringify({ did: owner.did, key: owner.key, ...parties().foreign }),
        ),
      409,
      'TOKEN_REVOKED',
    ],
  ]

  const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } })
  const edges: readonly Case[] = [
    ['an unknown path', () => ({ path: `/${marker}` }), 404, 'ROUTE_UNKNOWN'],
    ['a file of the node', () => ({ path: '/..%2f..%2fpackage.json' }), 404, 'ROUTE_UNKNOWN'],
    ['the practice Vault, which is not here', () => ({ path: `/dev/vault?${marker}` }), 404, 'ROUTE_UNKNOWN'],
    [
      'a wrong method',
      () => ({ path: `/sync/${PROVIDER}`, init: { method: 'PUT', body: marker } }),
      405,
      'METHOD_UNKNOWN',
    ],
    ['GET of what is POST', () => ({ path: `${path}?${marker}` }), 405, 'METHOD_UNKNOWN'],
    [
      'a status without a token',
      () => ({ path: `/syncStatus/${PROVIDER}/${marker}` }),
      401,
      'UNAUTHENTICATED',
    ],
    [
      'a status with a strange token',
      () => ({ path: `/syncStatus/${PROVIDER}/${marker}`, init: bearer(marker) }),
      404,
      'SYNC_UNKNOWN',
    ],
    [
      'a status with a broken signed token',
      () => ({ path: `/syncStatus/${PROVIDER}/x`, init: bearer(`${marker}.a.b`) }),
      401,
      'UNAUTHENTICATED',
    ],
    [
      'a status of NUL',
      () => ({ path: `/syncStatus/${PROVIDER}/%00${marker}`, init: bearer(marker) }),
      404,
      'SYNC_UNKNOWN',
    ],
    [
      'a receipt of NUL',
      () => {
        const at = `/syncs/%00${marker}/receipt`
        return {
          path: at,
          init: bearer(owner.sign({ method: 'GET', url: parties().url + at, audience: parties().url })),
        }
      },
      404,
      'SYNC_UNKNOWN',
    ],
    [
      'a return that nobody began',
      () => ({ path: `/auth/${PROVIDER}?code=${marker}&state=${marker}` }),
      400,
      'STATE_UNKNOWN',
    ],
    [
      'a refusal that nobody began',
      () => ({ path: `/callback/${PROVIDER}?error=<script>${marker}` }),
      400,
      'STATE_UNKNOWN',
    ],
    [
      'a return with a state given twice',
      () => ({ path: `/auth/${PROVIDER}?state=a&state=${marker}` }),
      400,
      'REQUEST_INVALID',
    ],
    [
      'a redirect elsewhere',
      () => ({ path: `/connect/${PROVIDER}?did=${owner.did}&redirect=https://${marker}.test/` }),
      400,
      'REDIRECT_REFUSED',
    ],
  ]

  return [
    ['a DID', dids],
    ['a key', keys],
    ['a provider', providers],
    ['capsules', capsules],
    ['a body', bodies],
    ['the edge', edges],
  ]
}

function flipped(capsule: string, at: number): string {
  const bytes = Buffer.from(capsule, 'base64url')
  const place = at < 0 ? bytes.length + at : at
  bytes.writeUInt8(bytes.readUInt8(place) ^ 1, place)
  return bytes.toString('base64url')
}
