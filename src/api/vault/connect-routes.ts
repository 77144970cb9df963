/** The browser's legs of connecting an account (vault.md 7.1): out to the provider, back from it, and the page with one button. */
import { Router, type Request, type RequestHandler, type Response } from 'express'
import { z } from 'zod'
import type { Connect, Connected, EntryForm } from '../../connect/index.js'
import { NodeError } from '../../errors.js'
import { connectedPage } from '../../web/connected-page.js'
import { entryPage } from '../../web/entry-page.js'
import { callbackQuery } from '../http/callback-query.js'
import { isLoopbackHost } from '../http/loopback.js'
import { optionalText, readDid, readKey } from '../http/read-input.js'
import { iconPath } from '../web/asset-routes.js'
import { sendPage, type SentPage } from '../web/send-page.js'

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
    const begun = await connect.start({
      provider,
      did: readDid(optionalText(query, 'did', 100), network),
      key: key === undefined ? undefined : readKey(key),
      redirect: optionalText(query, 'redirect', 2048),
      challenge: challengeOf(query),
      auth: optionalText(query, 'auth', 40),
      streams: optionalText(query, 'streams', 2048)?.split(','),
      cookies: req.headers.cookie,
    })
    res.set('Set-Cookie', begun.cookie)
    if (begun.kind === 'form') sendPage(res, formPage(begun.form))
    else leave(res, begun.location)
  })
  router.post('/connect/:provider/form', async (req, res) => {
    if (req.is('application/x-www-form-urlencoded') === false) throw new NodeError('TYPE_UNSUPPORTED')
    const { _state: state, _choice: choice, ...values } = enteredOf(req.body)
    const cookies = req.headers.cookie
    const end = await connect.submit({
      provider: providerOf(req),
      state,
      values,
      cookies,
      isChoice: choice !== undefined,
    })
    if (end.kind === 'out') leave(res, end.location)
    else if (end.kind === 'form')
      sendPage(res, { status: end.form.faults.length > 0 ? 400 : 200, ...formPage(end.form) })
    else sendPage(res, { page: connectedPage(view(end.connected)) })
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

/** Addresses with states in them are told to nobody. Seen: a browser asks for the next page, and sends no form there. */
function leave(res: Response, location: string): void {
  const status = res.req.method === 'POST' ? 303 : 302
  res.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' }).redirect(status, location)
}

/** @throws NodeError REQUEST_INVALID: a field that came twice */
function enteredOf(body: unknown): Readonly<Record<string, string>> {
  const read = z.record(z.string(), z.string()).safeParse(body ?? {})
  if (read.success) return read.data
  throw new NodeError('REQUEST_INVALID', { fields: [{ path: 'form', message: 'must give each field once' }] })
}

function formPage({ provider, auth, state, fields, values, faults, others }: EntryForm): SentPage {
  const names = new Set(fields.map(([name]) => name))
  const general = faults.find(({ path }) => !names.has(path))
  const goesOut = auth.kind === 'oauth2'
  const page = entryPage({
    provider: { label: provider.label, icon: iconPath(provider.id) },
    action: `/connect/${encodeURIComponent(provider.id)}/form`,
    state,
    fields: fields.map(([name, field]) => ({
      name,
      kind: field.kind,
      label: field.label,
      help: field.help,
      optional: field.optional === true,
      multiline: 'multiline' in field && field.multiline,
      example: field.example,
      value: values[name] ?? ('fallback' in field ? field.fallback : undefined),
      error: faults.find(({ path }) => path === name)?.message,
      suffix: field.kind === 'host' ? field.host.replace('{}', '') : undefined,
      choices:
        field.kind === 'choice'
          ? Object.entries(field.choices).map(([value, label]) => ({ value, label }))
          : [],
    })),
    error: general?.message,
    goesOut,
    others: others.map((other) => ({ label: WAYS[other.kind], state: other.state })),
  })
  const leads = goesOut || others.some(({ kind }) => kind === 'oauth2')
  return { page, kind: leads ? 'leading' : 'plain' }
}

const WAYS: Readonly<Record<EntryForm['auth']['kind'], string>> = {
  oauth2: 'Sign in there instead',
  api_key: 'Use a key instead',
  basic: 'Use a name and a password instead',
  client_credentials: 'Use this node’s own application instead',
  service_account: 'Use a service account instead',
  custom: 'Enter something else instead',
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
