/** A database as a whole: create, delete, info, `_security`, `_all_docs`. https://docs.couchdb.org/en/stable/api/database/ */
import type { Router } from 'express'
import {
  ADMIN_ONLY,
  requireDatabaseAdmin,
  requireServerAdmin,
  type NamesAndRoles,
  type Security,
} from './access.js'
import {
  bodyObject,
  isSet,
  jsonQuery,
  pathPart,
  query,
  visit,
  wholeNumber,
  type CouchServer,
} from './context.js'
import { databaseInfo } from './database-info.js'
import { CouchError } from './errors.js'

const NAME = /^[a-z][a-z0-9_$()+/-]*$/

export function addDatabaseRoutes(router: Router, server: CouchServer): void {
  const { databases } = server

  router.put('/:db', async (request, response) => {
    requireServerAdmin(server.identify(request))
    const name = pathPart(request, 'db')
    if (!NAME.test(name)) throw new CouchError(400, 'illegal_database_name', `Name: '${name}'.`)
    await databases.create(name, ADMIN_ONLY)
    response.status(201).json({ ok: true })
  })

  router.delete('/:db', async (request, response) => {
    requireServerAdmin(server.identify(request))
    await databases.destroy(pathPart(request, 'db'))
    response.json({ ok: true })
  })

  router.get('/:db', async (request, response) => {
    response.json(await visit(server, request, ({ database }) => databaseInfo(database)))
  })

  router.get('/:db/_security', async (request, response) => {
    response.json(await visit(server, request, async ({ access }) => access.security))
  })

  router.put('/:db/_security', async (request, response) => {
    const security = securityOf(bodyObject(request))
    await visit(server, request, async ({ database, access, user }) => {
      requireDatabaseAdmin(access, user)
      databases.setAccess(database.name, { ...access, security })
    })
    response.json({ ok: true })
  })

  router.get('/:db/_all_docs', async (request, response) => {
    const keys = jsonQuery(request, 'keys')
    response.json(
      await visit(server, request, ({ database }) =>
        database.pouch.allDocs({
          ...rangeOf(request),
          ...(Array.isArray(keys) ? { keys: keys as unknown[] } : {}),
        }),
      ),
    )
  })

  router.post('/:db/_all_docs', async (request, response) => {
    const { keys } = bodyObject(request)
    response.json(
      await visit(server, request, ({ database }) =>
        database.pouch.allDocs({
          ...rangeOf(request),
          ...(Array.isArray(keys) ? { keys: keys as unknown[] } : {}),
        }),
      ),
    )
  })
}

/** The range and form that a view request asks for, as PouchDB takes it. */
function rangeOf(request: Parameters<typeof query>[0]): Record<string, unknown> {
  const given = (name: string, value: unknown): Record<string, unknown> =>
    value === undefined ? {} : { [name]: value }
  return {
    ...given('startkey', jsonQuery(request, 'startkey') ?? jsonQuery(request, 'start_key')),
    ...given('endkey', jsonQuery(request, 'endkey') ?? jsonQuery(request, 'end_key')),
    ...given('key', jsonQuery(request, 'key')),
    ...given('limit', wholeNumber(request, 'limit')),
    ...given('skip', wholeNumber(request, 'skip')),
    inclusive_end: query(request, 'inclusive_end') !== 'false',
    descending: isSet(request, 'descending'),
    include_docs: isSet(request, 'include_docs'),
    conflicts: isSet(request, 'conflicts'),
    attachments: isSet(request, 'attachments'),
    update_seq: isSet(request, 'update_seq'),
  }
}

function securityOf(body: Readonly<Record<string, unknown>>): Security {
  return {
    admins: namesAndRoles(body['admins'], 'admins'),
    members: namesAndRoles(body['members'], 'members'),
  }
}

function namesAndRoles(value: unknown, what: string): NamesAndRoles {
  const { names = [], roles = [] } = (value ?? {}) as { names?: unknown; roles?: unknown }
  return { names: texts(names, `${what}.names`), roles: texts(roles, `${what}.roles`) }
}

function texts(value: unknown, what: string): readonly string[] {
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value
  throw new CouchError(400, 'bad_request', `${what} must be a JSON list of strings`)
}
