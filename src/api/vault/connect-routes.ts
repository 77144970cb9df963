/** The browser's legs of connecting an account (vault.md 7.1): out to the provider, back from it, and the page with one button. */
import { Router, type Request, type RequestHandler } from 'express'
import type { Connect, Connected } from '../../connect/index.js'
import { NodeError } from '../../errors.js'
import { connectedPage } from '../../web/connected-page.js'
import { callbackQuery } from '../http/callback-query.js'
import { isLoopbackHost } from '../http/loopback.js'
import { optionalText, readDid, readKey } from '../http/read-input.js'
import { iconPath } from '../web/asset-routes.js'
import { sendPage } from '../web/send-page.js'

export interface ConnectRouteDeps {
  readonly connect: Connect
  readonly publicUrl: string
  /** Network of bare legacy DIDs. */
  readonly network: string
}

/** Longer names are of no provider. */
const MAX_PROVIDER = 64
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/

export function connectRoutes({ connect, publicUrl, network }: ConnectRouteDeps): Router {
  const router = Router()
  router.get('/connect/:provider', atOwnName(publicUrl), async (req, res) => {
    const provider = providerOf(req)
    const { query } = req
    const key = optionalText(query, 'key', 100)
    const { location, cookie } = await connect.start({
      provider,
      did: readDid(optionalText(query, 'did', 100), network),
      key: key === undefined ? undefined : readKey(key),
      redirect: optionalText(query, 'redirect', 2048),
      challenge: challengeOf(query),
      cookies: req.headers.cookie,
    })
    res
      .set({ 'Set-Cookie': cookie, 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' })
      .redirect(302, location)
  })
  router.get(
    ['/auth/:provider', '/callback/:provider', '/providers/:provider/callback'],
    async (req, res) => {
      const connected = await connect.finish({
        provider: providerOf(req),
        query: callbackQuery(req.query),
        cookies: req.headers.cookie,
      })
      sendPage(res, { page: connectedPage(view(connected)) })
    },
  )
  return router
}

/**
 * `localhost` and `127.0.0.1` are one node and two hosts to a cookie: the sign-in begins where the provider sends the
 * browser back to. Only between names of this machine, so that a proxy which changes names makes no circle.
 */
function atOwnName(publicUrl: string): RequestHandler {
  const { host } = new URL(publicUrl)
  return (req, res, next) => {
    const asked = req.get('host') ?? ''
    if (asked === host || !isLoopbackHost(host) || !isLoopbackHost(asked)) return next()
    const query = new URLSearchParams()
    for (const [name, value] of Object.entries(req.query))
      for (const one of [value].flat()) if (typeof one === 'string') query.append(name, one)
    res
      .set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' })
      .redirect(302, new URL(`${req.path}?${query.toString()}`, publicUrl).href)
  }
}

function providerOf({ params }: Request): string {
  const provider = String(params['provider'])
  if (provider.length > MAX_PROVIDER) throw new NodeError('PROVIDER_UNKNOWN')
  return provider
}

/** `flow=code` and its challenge go together. */
function challengeOf(query: Request['query']): string | undefined {
  const flow = optionalText(query, 'flow', 20) ?? 'link'
  const challenge = optionalText(query, 'challenge', 100)
  const fault = (path: string, message: string): NodeError =>
    new NodeError('REQUEST_INVALID', { fields: [{ path, message }] })
  if (flow !== 'code' && flow !== 'link') throw fault('flow', 'must be code or link')
  if (flow === 'link') {
    if (challenge !== undefined) throw fault('challenge', 'needs flow=code')
    return undefined
  }
  if (challenge === undefined || !CHALLENGE.test(challenge))
    throw fault('challenge', 'must be the base64url of a SHA-256')
  return challenge
}

function view({
  provider,
  account,
  link,
  redirected,
  missing,
}: Connected): Parameters<typeof connectedPage>[0] {
  return {
    provider: { label: provider.label, icon: iconPath(provider.id) },
    account: { name: account.name, username: account.username },
    copies: provider.streams.map((stream) => stream.label),
    missing,
    link,
    target: redirected ? `Continue to ${new URL(link).host}` : 'Continue in your Vault',
  }
}
