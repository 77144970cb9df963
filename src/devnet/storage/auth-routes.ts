/** `/auth`: how a DID signs in at a storage node and keeps its session; touches no database. */
import { Router } from 'express'
import { z } from 'zod'
import type { ResolveDid } from '../did-resolution.js'
import { isSignedBy, isSignedByContext } from '../did-documents.js'
import type { Json } from '../../lib/canonical-json.js'
import { ApiRefused, bodyAs, type Answer } from './answer.js'
import { PUBLIC_USER } from './permissions.js'
import type { NodeSecrets } from './secrets.js'
import type { Caller, Tokens } from './tokens.js'

export interface AuthParts {
  readonly tokens: Tokens
  readonly resolve: ResolveDid
  readonly answer: Answer
  readonly secrets: NodeSecrets
  /** Where the CouchDB side is, without a slash at its end. */
  readonly couchUrl: string
}

const text = z.string().min(1)
const did = text.transform((value) => value.toLowerCase())
const caller = z.object({ did, contextName: text })
const authenticate = caller.extend({ authJwt: text, signature: text, deviceId: z.string().default('') })
const device = caller.extend({ deviceId: z.string(), signature: text })
const refreshed = z.object({ refreshToken: text, contextName: text })

export function authRoutes({ tokens, resolve, answer, secrets, couchUrl }: AuthParts): Router {
  const router = Router()

  router.get('/public', (_request, response) => {
    const dsn = new URL(couchUrl)
    dsn.username = PUBLIC_USER
    dsn.password = secrets.publicPassword
    answer(response, {
      user: { username: PUBLIC_USER, password: secrets.publicPassword, dsn: dsn.href },
    })
  })
  router.post('/generateAuthJwt', (request, response) => {
    answer(response, { authJwt: tokens.authRequest(bodyAs(request, caller)) })
  })
  router.post('/authenticate', (request, response) => {
    const { authJwt, signature, deviceId, ...who } = bodyAs(request, authenticate)
    const id = tokens.authRequestId(authJwt, who)
    const consent = `Authenticate this application context: "${who.contextName}"?\n\n${who.did}\n${id ?? ''}`
    if (id === undefined || !isConsent(resolve, who, consent, signature))
      throw new ApiRefused(401, 'Invalid credentials or auth token')
    const refreshToken = tokens.issueRefresh(who, deviceId)
    const accessToken = tokens.issueAccess(refreshToken, who.contextName) ?? ''
    response.json({ status: 'success', refreshToken, accessToken, host: couchUrl })
  })
  router.post('/connect', (request, response) => {
    const { refreshToken, contextName } = bodyAs(request, refreshed)
    const accessToken = tokens.issueAccess(refreshToken, contextName)
    if (accessToken === undefined) throw new ApiRefused(401, 'Invalid refresh token or DID')
    response.json({ status: 'success', accessToken, host: couchUrl })
  })
  router.post('/regenerateRefreshToken', (request, response) => {
    const { refreshToken, contextName } = bodyAs(request, refreshed)
    const renewed = tokens.renewRefresh(refreshToken, contextName)
    if (renewed === undefined) throw new ApiRefused(401, 'Invalid refresh token or context name')
    response.json({ status: 'success', refreshToken: renewed })
  })
  router.post('/invalidateDeviceId', (request, response) => {
    const { deviceId, signature, ...who } = bodyAs(request, device)
    const consent = `Invalidate device for this application context: "${who.contextName}"?\n\n${who.did}\n${deviceId}`
    if (!isConsent(resolve, who, consent, signature) || !tokens.invalidateDevice(who, deviceId))
      throw new ApiRefused(401, 'Invalid refresh token or context name')
    response.json({ status: 'success' })
  })
  router.post('/isTokenValid', (request, response) => {
    const { refreshToken, contextName } = bodyAs(request, refreshed)
    const claims = tokens.readRefresh(refreshToken, contextName)
    if (claims === undefined) throw new ApiRefused(401, 'Invalid refresh token')
    answer(response, { expires: claims.exp })
  })
  return router
}

/** Signed by the key of the context, or by the DID's own. A DID that does not resolve has no keys. */
export function isConsent(resolve: ResolveDid, who: Caller, said: Json, signature: string): boolean {
  const document = resolve(who.did)
  return (
    document !== undefined &&
    (isSignedByContext(document, who.contextName, said, signature) || isSignedBy(document, said, signature))
  )
}
