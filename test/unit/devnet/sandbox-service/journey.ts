/** Plays the application that signs in at the sandbox service: by hand, redirect by redirect. */
import { createHash, randomBytes } from 'node:crypto'
import { afterEach } from 'vitest'
import {
  approve,
  startSandboxService,
  type Decision,
  type SandboxOptions,
  type SandboxService,
} from '../../../../src/devnet/sandbox-service/index.js'

export const CALLBACK = 'http://127.0.0.1:5021/auth/sandbox'
export const ALL_SCOPES = 'profile posts followings files calendar'

const open: SandboxService[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((service) => service.close()))
})

/** A small service that is closed after the test. */
export async function start(options: Partial<SandboxOptions> = {}): Promise<SandboxService> {
  const service = await startSandboxService({
    port: 0,
    host: '127.0.0.1',
    posts: 250,
    followings: 210,
    files: 130,
    events: 300,
    client: { redirectUris: [CALLBACK] },
    ...options,
  })
  open.push(service)
  return service
}

/** Closes one before its test ends. */
export async function stop(service: SandboxService): Promise<void> {
  open.splice(open.indexOf(service), 1)
  await service.close()
}

export const newVerifier = () => randomBytes(32).toString('base64url')

export function authorizeUrl(
  service: SandboxService,
  verifier: string,
  changes: Record<string, string | undefined> = {},
): string {
  const url = new URL('/oauth/authorize', service.origin)
  const parameters: Record<string, string | undefined> = {
    client_id: service.client.id,
    redirect_uri: CALLBACK,
    response_type: 'code',
    scope: ALL_SCOPES,
    state: 'state&"<1>',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...changes,
  }
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined) url.searchParams.set(name, value)
  return url.href
}

/** Consents and returns the code. */
export async function getCode(
  service: SandboxService,
  verifier: string,
  decision: Decision = {},
): Promise<string> {
  const location = await approve(authorizeUrl(service, verifier), decision)
  return new URL(location).searchParams.get('code') ?? ''
}

export interface TokenAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: {
    readonly access_token: string
    readonly refresh_token: string
    readonly expires_in: number
    readonly scope: string
    readonly error?: string
  }
}

export async function postToken(
  service: SandboxService,
  form: Record<string, string>,
  path = '/oauth/token',
): Promise<TokenAnswer> {
  const credentials = { client_id: service.client.id, client_secret: service.client.secret }
  const answer = await fetch(service.origin + path, {
    method: 'POST',
    body: new URLSearchParams({ ...credentials, ...form }),
  })
  const text = await answer.text()
  return {
    status: answer.status,
    headers: answer.headers,
    body: JSON.parse(text || '{}') as TokenAnswer['body'],
  }
}

export function exchange(service: SandboxService, code: string, verifier: string): Promise<TokenAnswer> {
  return postToken(service, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: CALLBACK,
    code_verifier: verifier,
  })
}

export function refresh(
  service: SandboxService,
  refreshToken: string,
  more: Record<string, string> = {},
): Promise<TokenAnswer> {
  return postToken(service, { grant_type: 'refresh_token', refresh_token: refreshToken, ...more })
}

/** The whole journey. */
export async function signIn(service: SandboxService, decision: Decision = {}): Promise<TokenAnswer['body']> {
  const verifier = newVerifier()
  return (await exchange(service, await getCode(service, verifier, decision), verifier)).body
}

export interface ApiAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // The tests below name the fields they expect; a wrong name fails there.
  readonly json: Record<string, unknown>
}

export async function call(service: SandboxService, token: string, path: string): Promise<ApiAnswer> {
  const answer = await fetch(service.origin + path, { headers: { authorization: `Bearer ${token}` } })
  const text = await answer.text()
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    json: JSON.parse(text) as Record<string, unknown>,
  }
}

export interface Row {
  readonly id: string | number
  readonly deleted?: true
  readonly [name: string]: unknown
}

/** All rows of a paged list, the pages' sizes, and the last page. */
export async function readAll(
  service: SandboxService,
  token: string,
  list: { readonly path: string; readonly rows: string; readonly next: string; readonly parameter: string },
  from?: string,
): Promise<{ rows: Row[]; sizes: number[]; last: Record<string, unknown> }> {
  const rows: Row[] = []
  const sizes: number[] = []
  let cursor = from
  for (;;) {
    const query =
      cursor === undefined ? '' : `${list.path.includes('?') ? '&' : '?'}${list.parameter}=${cursor}`
    const { json, status } = await call(service, token, list.path + query)
    if (status !== 200) throw new Error(`status ${status}`)
    const page = json[list.rows] as Row[]
    rows.push(...page)
    sizes.push(page.length)
    const next = json[list.next]
    if (json['more'] === false || typeof next !== 'string') return { rows, sizes, last: json }
    cursor = next
  }
}

export const POSTS = { path: '/api/posts', rows: 'changes', next: 'cursor', parameter: 'cursor' }
export const FOLLOWINGS = { path: '/api/followings', rows: 'data', next: 'next', parameter: 'page' }
export const FILES = { path: '/api/files', rows: 'files', next: 'nextPage', parameter: 'page' }
export const EVENTS = {
  path: '/api/calendars/work/events',
  rows: 'items',
  next: 'nextPage',
  parameter: 'page',
}
