/** Random requests to every route of a node, half of them signed by an owner, and what must be true of every answer. */
import fc from 'fast-check'
import { errorTable } from '../../src/errors.js'
import type { Keyholder } from './keyholder.js'

export interface FuzzOptions {
  readonly url: string
  readonly owner: Keyholder
  /** In every random text. */
  readonly marker: string
  readonly runs: number
}

export interface Fuzzed {
  readonly requests: number
  /** Sign-ins that were begun: whole parameters may come about. */
  readonly redirects: number
}

const ROUTES = [
  '/',
  '/providers',
  '/health',
  '/readyz',
  '/connect/:p',
  '/auth/:p',
  '/callback/:p',
  '/providers/:p/callback',
  '/connect/redeem',
  '/sync/:p',
  '/syncStart/:p',
  '/syncStatus/:p/:x',
  '/syncs/:x/receipt',
  '/syncDone/:p',
  '/disconnect/:p',
  '/schemas/:x',
  '/assets/:p/icon.svg',
  '/:x',
]
const NAMES = [
  'did',
  'key',
  'accessToken',
  'refreshToken',
  'config',
  'code',
  'state',
  'error',
  'redirect',
  'flow',
  'nonce',
  '__proto__',
  'did[$ne]',
]
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD']
const TYPES = [
  'application/json',
  'application/x-www-form-urlencoded',
  'text/plain',
  'multipart/form-data; boundary=a',
  'application/json; charset=utf-16',
]
/** The only refusals from 500 on that a request alone may bring about. */
const REFUSED_ABOVE = ['PROVIDER_NOT_CONFIGURED']

export async function fuzz({ url, owner, marker, runs }: FuzzOptions): Promise<Fuzzed> {
  let requests = 0
  let redirects = 0
  await fc.assert(
    fc.asyncProperty(requestOf(owner, marker), async ({ method, path, headers, body, sign }) => {
      const sent = method === 'GET' || method === 'HEAD' ? undefined : body
      const token = owner.sign({
        method,
        url: url + path,
        audience: url,
        ...(sent !== undefined && { body: sent }),
      })
      const all = { ...headers, ...(sign && { authorization: `Bearer ${token}` }) }
      const answer = await fetch(url + path, {
        method,
        headers: all,
        redirect: 'manual',
        ...(sent !== undefined && { body: sent }),
      })
      const text = await answer.text()
      requests += 1
      if (answer.status === 302) redirects += 1
      if ((text + JSON.stringify([...answer.headers])).includes(marker)) throw new Error(`repeated: ${text}`)
      if (answer.status < 400) return
      if (method === 'HEAD' || answer.headers.get('content-type')?.startsWith('text/html')) {
        if (answer.status === 500) throw new Error('answered 500')
        return
      }
      const { error } = JSON.parse(text) as { error: { code: string } }
      const row = Object.entries(errorTable).find(([code]) => code === error.code)?.[1]
      if (row?.status !== answer.status) throw new Error(`${answer.status} ${error.code}`)
      if (answer.status >= 500 && !REFUSED_ABOVE.includes(error.code))
        throw new Error(`${answer.status} ${error.code}`)
    }),
    { numRuns: runs, endOnFailure: false },
  )
  return { requests, redirects }
}

function requestOf(owner: Keyholder, marker: string) {
  const noise = fc
    .oneof(
      fc.string({ maxLength: 60 }),
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constant('\r\n\u0000\ud800'),
    )
    .map((text) => `${marker}${text}`)
  const known = fc.constantFrom(
    owner.did,
    owner.did.toUpperCase(),
    owner.key,
    'undefined',
    '',
    '0',
    'link',
    'code',
    'true',
  )
  const value = fc.oneof(known, noise)
  const provider = fc.oneof(
    fc.constantFrom('sandbox', 'facebook', '__proto__', '..', '%00', '%E0%A4%A'),
    noise.map(inPath),
  )
  const path = fc
    .tuple(
      fc.constantFrom(...ROUTES),
      provider,
      noise.map(inPath),
      fc.array(fc.tuple(fc.constantFrom(...NAMES), value), { maxLength: 6 }),
    )
    .map(([route, p, x, query]) => {
      const members = query.map(([name, text]) => `${name}=${inPath(text)}`).join('&')
      return `${route.replace(':p', p).replace(':x', x)}${members === '' ? '' : `?${members}`}`
    })
  const member = fc.oneof(
    value,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(value, { maxLength: 3 }),
  )
  const json = fc
    .dictionary(fc.constantFrom(...NAMES, 'forget', 'verifier', 'syncSchemas', marker), member)
    .map((object) =>
      // Beside the DID, so that authentication is passed and what lies behind it is reached.
      JSON.stringify({ ...object, did: owner.did }),
    )
  return fc.record({
    method: fc.constantFrom(...METHODS),
    path,
    headers: fc.record({
      accept: fc.constantFrom('*/*', 'application/json', 'text/html', 'image/png', ''),
      'content-type': fc.constantFrom(...TYPES, 'application/json', 'application/json'),
      cookie: fc.constantFrom('', `cn-browser=${'a'.repeat(43)}`, `cn-browser=a; cn-browser=${marker}`),
    }),
    body: fc.oneof(json, json, noise, fc.json()),
    sign: fc.boolean(),
  })
}

/** Percent-encoded; a lone surrogate has no encoding. */
const inPath = (text: string): string => encodeURIComponent(text.replace(LONE_SURROGATE, '\ufffd'))
const LONE_SURROGATE = /\p{Surrogate}/gu
