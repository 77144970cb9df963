/** A Vault's calls to a node, and the person's browser before them, over HTTP alone. For the demo, the development Vault, tests and benchmarks. */
import type { OwnerRequest } from '../lib/owner-jwt.js'
import { approve, type Decision } from './sandbox-service/approve.js'

export interface VaultHttpOptions {
  /** The node's address, without a slash at its end: what owners sign for. */
  readonly url: string
  /** Where it is called, when that is another address. */
  readonly origin?: string
  readonly did: string
  /** 64 hex. */
  readonly key: string
  /** Makes the token of an owner-signed request. */
  readonly sign: (request: Omit<OwnerRequest, 'now'>) => Promise<string>
}

export interface LinkCapsules {
  readonly accessToken: string
  readonly refreshToken: string
}

/** What the node answers to a sync (vault.md 7.1). */
export interface SyncAnswer {
  readonly did: string
  readonly serverDid: string
  readonly signerDid: string
  readonly contextName: string
  readonly syncRequestId: string
  readonly syncRequestDatabaseName: string
  readonly statusToken?: string
}

/** The part of a sync's status that players look at. */
export interface PlayedStatus {
  readonly status: 'running' | 'complete' | 'error' | 'interrupted'
  readonly stage: string
  readonly counts: {
    readonly pages: number
    readonly fetched: number
    readonly mapped: number
    readonly written: number
    readonly unchanged: number
    readonly deleted: number
    readonly quarantined: number
  }
  readonly more: boolean
  readonly error?: { readonly code: string; readonly message: string }
}

/** The node answered something else than success. */
export class NodeRefused extends Error {
  override readonly name = 'NodeRefused'
  constructor(
    readonly status: number,
    readonly code: string,
    readonly body: string,
  ) {
    super(`the node answered ${status} ${code}: ${body}`)
  }
}

export interface VaultHttp {
  /** Every address that was called or shown so far. */
  readonly addresses: readonly string[]
  /** Plays the browser: authorize page, consent, callback; reads the button of the success page. */
  connect(provider: string, decision?: Decision): Promise<LinkCapsules>
  /** The old form: everything in the address. */
  syncByGet(provider: string, capsules: LinkCapsules): Promise<SyncAnswer>
  syncByPost(provider: string, capsules: LinkCapsules, more?: object): Promise<SyncAnswer>
  status(provider: string, syncRequestId: string): Promise<PlayedStatus>
  /** Waits until the sync has ended; `seen` gets every status on the way. */
  ended(provider: string, syncRequestId: string, seen?: (status: PlayedStatus) => void): Promise<PlayedStatus>
  doneByGet(provider: string): Promise<unknown>
  /** An owner-signed POST with `did` and `key` in its body. @throws NodeRefused */
  post<T>(path: string, members: object): Promise<T>
  /** An owner-signed GET. @throws NodeRefused */
  get<T>(path: string): Promise<T>
}

const LOOK_AGAIN_MS = 50

export function vaultHttp(options: VaultHttpOptions): VaultHttp {
  const { url, origin = url, did, key, sign } = options
  const audience = new URL(url).origin
  const addresses: string[] = []

  async function call(path: string, init: RequestInit = {}): Promise<Response> {
    addresses.push(`${url}${path}`)
    return fetch(`${origin}${path}`, { redirect: 'manual', ...init })
  }

  async function get<T>(path: string): Promise<T> {
    const token = await sign({ method: 'GET', url: `${url}${path}`, audience })
    return answered<T>(await call(path, { headers: { authorization: `Bearer ${token}` } }))
  }

  async function post<T>(path: string, members: object): Promise<T> {
    const body = JSON.stringify({ did, key, ...members })
    const token = await sign({ method: 'POST', url: `${url}${path}`, body, audience })
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    return answered<T>(await call(path, { method: 'POST', body, headers }))
  }

  const status = (provider: string, syncRequestId: string): Promise<PlayedStatus> =>
    get(`/syncStatus/${provider}/${syncRequestId}`)

  return {
    addresses,
    async connect(provider, decision) {
      const query = new URLSearchParams({ did, key }).toString()
      const started = await call(`/connect/${provider}?${query}`)
      const authorizeUrl = started.headers.get('location')
      if (authorizeUrl === null) throw await refusal(started)
      const cookie = started.headers
        .getSetCookie()
        .map((line) => line.split(';', 1)[0])
        .join('; ')
      const callback = new URL(await approve(authorizeUrl, decision))
      addresses.push(authorizeUrl)
      const headers = { cookie, accept: 'text/html' }
      const page = await call(`${callback.pathname}${callback.search}`, { headers })
      const html = await page.text()
      const link = /href="([^"]*[?;]accessToken=[^"]*)"/.exec(html)?.[1]?.replaceAll('&amp;', '&')
      if (link === undefined) throw new NodeRefused(page.status, 'no deep link', html)
      addresses.push(link)
      const { searchParams } = new URL(link)
      return {
        accessToken: searchParams.get('accessToken') ?? '',
        refreshToken: searchParams.get('refreshToken') ?? '',
      }
    },
    async syncByGet(provider, { accessToken, refreshToken }) {
      const query = new URLSearchParams({ did, key, accessToken, refreshToken }).toString()
      return answered(await call(`/sync/${provider}?${query}`))
    },
    syncByPost: (provider, { accessToken, refreshToken }, more = {}) =>
      post(`/syncStart/${provider}`, { accessToken, refreshToken, ...more }),
    status,
    async ended(provider, syncRequestId, seen) {
      for (;;) {
        const now = await status(provider, syncRequestId)
        seen?.(now)
        if (now.status !== 'running') return now
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
      }
    },
    doneByGet: async (provider) =>
      answered(await call(`/syncDone/${provider}?did=${encodeURIComponent(did)}`)),
    post,
    get,
  }
}

async function answered<T>(response: Response): Promise<T> {
  if (!response.ok) throw await refusal(response)
  return (await response.json()) as T
}

async function refusal(response: Response): Promise<NodeRefused> {
  const body = await response.text()
  const code = /"code":"([A-Z_]+)"/.exec(body)?.[1] ?? 'NO_CODE'
  return new NodeRefused(response.status, code, body)
}
