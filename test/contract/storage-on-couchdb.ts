/** Databases on a real CouchDB, for suite C, with users and a validation function as Verida's storage nodes make them. */
import { randomUUID } from 'node:crypto'
import type { StorageDatabase } from './storage-database.js'
import { couchCall, httpEnd, httpView, type HttpDatabase } from './storage-over-http.js'

const basic = (name: string, password: string): string =>
  `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`

/** `serverUrl` carries a server admin's name and password. @returns how a new database is opened */
export function couchdbStorage(serverUrl: string): () => Promise<StorageDatabase> {
  const parsed = new URL(serverUrl)
  const admin = basic(decodeURIComponent(parsed.username), decodeURIComponent(parsed.password))
  parsed.username = ''
  parsed.password = ''
  const server: HttpDatabase = { url: parsed.href.replace(/\/+$/, ''), authorization: admin }
  const user = async (): Promise<{ readonly name: string; readonly authorization: string }> => {
    const name = `suite-${randomUUID()}`
    const password = randomUUID()
    const facts = { name, password, type: 'user', roles: [] }
    await couchCall(server, 'PUT', `_users/org.couchdb.user:${name}`, facts)
    return { name, authorization: basic(name, password) }
  }
  return async () => {
    const [writer, reader, outsider] = [await user(), await user(), await user()]
    const url = `${server.url}/suite-${randomUUID()}`
    const asAdmin = { url, authorization: admin }
    await couchCall(asAdmin, 'PUT', '')
    await couchCall(asAdmin, 'PUT', '_security', {
      admins: { names: [], roles: ['_admin'] },
      members: { names: [writer.name, reader.name], roles: [] },
    })
    await couchCall(asAdmin, 'PUT', '_design/only_permit_write_users', {
      validate_doc_update: `function (doc, old, user) { if (user.name !== ${JSON.stringify(writer.name)} && user.roles.indexOf('_admin') < 0) throw { unauthorized: 'not a writer' } }`,
    })
    const as = ({ authorization }: { readonly authorization: string }) => ({ url, authorization })
    return {
      ...httpView(as(writer)),
      users: { reader: httpView(as(reader)), outsider: httpView(as(outsider)) },
      end: (version) => httpEnd(as(writer), version),
      async destroy() {
        await couchCall(asAdmin, 'DELETE', '')
      },
    }
  }
}
