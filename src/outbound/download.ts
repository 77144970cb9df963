/**
 * One file, handed on as its bytes come and never held whole. Redirects go to declared hosts with the token, and to
 * any public https host with nothing of ours: signed links of storage services. It neither retries nor judges a status
 * of the provider.
 */
import type { Readable } from 'node:stream'
import { request } from 'undici'
import { NodeError } from '../errors.js'
import { reveal, type Redacted } from '../lib/redacted.js'
import type { HttpDownload } from '../provider/index.js'
import type { Caps } from './caps.js'
import type { DeclaredHosts, Target } from './declared-hosts.js'
import {
  asNodeError,
  BodyTimeout,
  flatHeaders,
  locationOf,
  nameOf,
  resolveLocation,
  type OutboundAnswer,
  type OutboundCall,
} from './exchange.js'
import { systemNetwork, type Network } from './network.js'
import { decompressorOf, isBrokenData, readBody } from './read-body.js'

export interface DownloadOptions {
  readonly hosts: DeclaredHosts
  readonly network?: Network | undefined
  readonly caps: Caps
  readonly signal: AbortSignal
  /** Must not be in an address that is redirected to. */
  readonly token: Redacted
  readonly maxBytes: number
  /** For the file from its request to its last byte. */
  readonly wholeMs: number
}

export type Opened =
  | (HttpDownload & { readonly kind: 'open'; readonly status: number })
  /** A status of the provider's own hosts, for the provider to read. */
  | (OutboundAnswer & { readonly kind: 'refused' })

/** @throws NodeError PROVIDER_DOWN, PROVIDER_CHANGED, FILE_TOO_LARGE; the reason of an abort as it is. Reading the body throws the same. */
export async function openDownload(call: OutboundCall, options: DownloadOptions): Promise<Opened> {
  const { caps, hosts, signal, wholeMs } = options
  const over = new AbortController()
  const end = setTimeout(() => {
    over.abort(new NodeError('PROVIDER_DOWN', { detail: 'no whole file in the time of this run' }))
  }, wholeMs)
  end.unref()
  const place: Place = { target: hosts.target(call.url), isForeign: false }
  const run = { ...options, signal: AbortSignal.any([signal, over.signal]), done: () => clearTimeout(end) }
  try {
    const { place: last, answer } = await follow(call, place, run)
    // It tells of its end in an event too, whether or not somebody reads it.
    answer.body.on('error', () => undefined)
    const headers = flatHeaders(answer.headers)
    const opened = { status: answer.statusCode, headers }
    if (answer.statusCode >= 200 && answer.statusCode < 300)
      return {
        kind: 'open',
        ...opened,
        body: bytesOf(answer.body, { headers, name: nameOf('GET', last.target), run }),
      }
    const body = await readBody(answer.body, headers['content-encoding'] ?? '', caps.bodyBytes)
    run.done()
    if (last.isForeign) throw foreignFailure(answer.statusCode)
    return { kind: 'refused', ...opened, body }
  } catch (cause) {
    run.done()
    run.signal.throwIfAborted()
    throw asNodeError(cause, nameOf('GET', place.target))
  }
}

interface Place {
  readonly target: Target
  /** Not a host of the provider: nothing of ours is sent there, nor to whatever it names. */
  readonly isForeign: boolean
}

interface Run extends DownloadOptions {
  /** Ends the watch over the whole time. */
  readonly done: () => void
}

async function follow(call: OutboundCall, first: Place, run: Run) {
  let place = first
  for (let redirects = 0; ; redirects += 1) {
    const answer = await send(call, place, run)
    const headers = flatHeaders(answer.headers)
    const location = locationOf({ status: answer.statusCode, headers })
    if (location === undefined) return { place, answer }
    answer.body.on('error', () => undefined).destroy()
    if (redirects === run.caps.redirects)
      throw new NodeError('PROVIDER_CHANGED', { detail: 'too many redirects' })
    place = nextPlace(resolveLocation(location, place.target.url), place, run)
  }
}

function nextPlace(address: string, { isForeign }: Place, { hosts, token }: Run): Place {
  const url = URL.canParse(address) ? new URL(address) : undefined
  const secret = reveal(token)
  if (url === undefined || (secret !== '' && decodeURIComponent(tolerant(url.href)).includes(secret)))
    throw new NodeError('PROVIDER_CHANGED', {
      detail: 'a redirect to no address, or to one with the token in it',
    })
  if (!isForeign) {
    const declared = declaredTarget(hosts, url)
    if (declared !== undefined) return { target: declared, isForeign: false }
  }
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '')
    throw new NodeError('PROVIDER_CHANGED', { detail: 'a redirect to an address that is not https' })
  return { target: { url, reach: 'public' }, isForeign: true }
}

/** A stray percent sign is no reason to fail. */
const tolerant = (text: string): string => text.replace(/%(?![0-9a-f]{2})/gi, '%25')

function declaredTarget(hosts: DeclaredHosts, url: URL): Target | undefined {
  try {
    return hosts.target(url)
  } catch (error) {
    if (error instanceof NodeError && error.code === 'PROVIDER_CHANGED') return undefined
    throw error
  }
}

function send({ headers }: OutboundCall, { target, isForeign }: Place, run: Run) {
  const { caps, network = systemNetwork, signal } = run
  signal.throwIfAborted()
  const plain = { 'user-agent': 'connector-node', accept: '*/*', 'accept-encoding': 'identity' }
  const own = headers['accept'] === 'application/json' ? { ...headers, accept: '*/*' } : headers
  return request(target.url, {
    dispatcher: network.dispatcher(target.reach),
    method: 'GET',
    headers: isForeign ? plain : { ...plain, ...own, 'accept-encoding': 'identity' },
    headersTimeout: caps.headersMs,
    // A slow reader is no fault of the service: the time is measured where bytes are waited for.
    bodyTimeout: 0,
    signal,
  })
}

/** The words of another host are not the provider's: links that expired are fetched anew by the next run. */
function foreignFailure(status: number): NodeError {
  const isPassing = status >= 500 || [403, 404, 408, 410, 425, 429].includes(status)
  return new NodeError(isPassing ? 'PROVIDER_DOWN' : 'PROVIDER_CHANGED', {
    detail: `status ${status} of a host that was redirected to`,
  })
}

interface Reading {
  readonly headers: Readonly<Record<string, string>>
  readonly name: string
  readonly run: Run
}

async function* bytesOf(body: Readable, { headers, name, run }: Reading): AsyncGenerator<Uint8Array> {
  const { maxBytes, caps, signal, done } = run
  const encoding = headers['content-encoding'] ?? ''
  const decompress = decompressorOf(encoding)
  const stalled = (): void => void body.destroy(new BodyTimeout())
  let timer: NodeJS.Timeout | undefined
  try {
    if (decompress === 'unknown')
      throw new NodeError('PROVIDER_CHANGED', { detail: 'a file compressed in a way that was not asked for' })
    if (decompress === undefined && Number(headers['content-length']) > maxBytes) throw tooLarge(maxBytes)
    body.on('error', (error) => decompress?.destroy(error))
    const bytes = (decompress === undefined ? body : body.pipe(decompress))[Symbol.asyncIterator]()
    for (let read = 0; ;) {
      timer = setTimeout(stalled, caps.stallMs)
      const next = (await bytes.next()) as IteratorResult<Uint8Array, undefined>
      clearTimeout(timer)
      if (next.done === true) return
      read += next.value.length
      if (read > maxBytes) throw tooLarge(maxBytes)
      yield next.value
    }
  } catch (cause) {
    signal.throwIfAborted()
    if (isBrokenData(cause))
      throw new NodeError('PROVIDER_CHANGED', { detail: `${name}: a file that cannot be decompressed` })
    throw asNodeError(cause, name)
  } finally {
    clearTimeout(timer)
    done()
    body.destroy()
  }
}

const tooLarge = (maxBytes: number): NodeError =>
  new NodeError('FILE_TOO_LARGE', { detail: `a file of more than ${maxBytes} bytes` })
