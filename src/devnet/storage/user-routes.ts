/** `/user`: a context's databases, for the holder of an access token. */
import { Router, type Request, type RequestHandler } from 'express'
import { z } from 'zod'
import type { JsonObject } from '../../lib/canonical-json.js'
import { ApiRefused, bodyAs, type Answer } from './answer.js'
import type { Replications } from './replications.js'
import type { Caller, Tokens } from './tokens.js'
import type { UserDatabases } from './user-databases.js'

export interface UserParts {
  readonly tokens: Tokens
  readonly databases: UserDatabases
  readonly replications: Replications
  readonly answer: Answer
}

const name = z.string().min(1)
const audience = z.enum(['owner', 'users', 'public']).optional()
const dids = z.array(z.string()).optional()
const permissions = z.object({
  read: audience,
  write: audience,
  readList: dids,
  writeList: dids,
  deleteList: dids,
})
const options = z.object({ permissions: permissions.default({}) }).default({ permissions: {} })
const named = z.object({ databaseName: name })
const granted = named.extend({ options })
const maybeNamed = z.object({ databaseName: name.optional() })
const pinged = z.object({
  databaseHashes: z.array(z.string()),
  isWritePublic: z.boolean().optional(),
  did: z.string().optional(),
  contextName: z.string().optional(),
})

export function userRoutes({ tokens, databases, replications, answer }: UserParts): Router {
  const router = Router()
  const callers = new WeakMap<Request, Caller>()
  const caller = (request: Request): Caller => {
    const known = callers.get(request)
    if (known === undefined) throw new ApiRefused(401, 'Permission denied')
    return known
  }
  router.use(((request, response, next) => {
    const token = request.headers.authorization?.split(' ')[1]
    const read = token === undefined ? undefined : tokens.readAccess(token)
    // As Verida's node answers: the word alone, no JSON.
    if (read?.kind !== 'good') return void response.sendStatus(401)
    const { did, contextName } = read.claims as unknown as Caller
    callers.set(request, { did, contextName })
    next()
  }) satisfies RequestHandler)

  router.post('/createDatabase', async (request, response) => {
    const body = bodyAs(request, granted)
    const made = await databases.create(caller(request), body.databaseName, body.options.permissions)
    answer(response, { databaseHash: made })
  })
  router.post('/updateDatabase', (request, response) => {
    const body = bodyAs(request, granted)
    databases.update(caller(request), body.databaseName, body.options.permissions)
    answer(response, {})
  })
  router.post('/deleteDatabase', async (request, response) => {
    await databases.delete(caller(request), bodyAs(request, named).databaseName)
    answer(response, {})
  })
  router.post('/deleteDatabases', async (request, response) => {
    answer(response, { results: await databases.deleteAll(caller(request)) })
  })
  router.post('/databases', (request, response) => {
    answer(response, { result: databases.list(caller(request)) as unknown as readonly JsonObject[] })
  })
  router.post('/databaseInfo', async (request, response) => {
    const result = await databases.info(caller(request), bodyAs(request, named).databaseName)
    if (result === undefined) throw new ApiRefused(404, 'Database not found')
    answer(response, { result: result as unknown as JsonObject })
  })
  router.post('/usage', (request, response) => {
    answer(response, { result: databases.usage(caller(request)) })
  })
  router.post('/checkReplication', (request, response) => {
    const { databaseName } = bodyAs(request, maybeNamed)
    const known = databases.list(caller(request))
    if (databaseName !== undefined && !known.some((one) => one.databaseName === databaseName))
      throw new ApiRefused(401, 'Invalid database name')
    answer(response, { result: {} })
  })
  router.post(['/pingDatabase', '/pingDatabases'], async (request, response) => {
    const { databaseHashes, isWritePublic, did, contextName } = bodyAs(request, pinged)
    const who = caller(request)
    // Everybody who may write to a public database may have it replicated; anybody else only what is theirs.
    const owner =
      isWritePublic === true && did !== undefined && contextName !== undefined
        ? { did: did.toLowerCase(), contextName }
        : who
    const own = databases
      .list(owner)
      .filter(({ permissions: { write } }) => owner === who || write === 'public')
      .map(({ databaseHash }) => databaseHash)
    const touched = await replications.touch(
      owner,
      databaseHashes.filter((hash) => own.includes(hash)),
    )
    answer(response, { endpoints: touched.endpoints, failedEndpoints: touched.failedEndpoints })
  })
  return router
}
