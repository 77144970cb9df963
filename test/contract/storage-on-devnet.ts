/** Databases on a storage node of the local network, for suite C: an owner makes them, the suite is a listed writer. */
import { randomUUID } from 'node:crypto'
import { databaseName } from '../../src/devnet/index.js'
import type { TestDevnet } from '../support/devnet.js'
import { postJson, registeredAccount, signIn } from '../support/devnet-account.js'
import type { StorageDatabase } from './storage-database.js'
import { httpEnd, httpView, type HttpDatabase } from './storage-over-http.js'

export interface DevnetStorage extends StorageDatabase {
  readonly database: HttpDatabase
}

/** @returns how a new database is opened */
export async function devnetStorage(devnet: TestDevnet): Promise<() => Promise<DevnetStorage>> {
  const [node] = devnet.storageNodes
  if (node === undefined) throw new Error('the network has no storage node')
  const accounts = await Promise.all([1, 2, 3, 4].map((seed) => registeredAccount(devnet, seed)))
  const [owner, writer, reader, outsider] = await Promise.all(
    accounts.map(async (account) => ({ account, token: (await signIn(node, account)).accessToken })),
  )
  if (!owner || !writer || !reader || !outsider) throw new Error('no accounts')
  const api = async (path: string, body: object): Promise<void> => {
    const { status, body: answer } = await postJson(`${node.url}user/${path}`, body, owner.token)
    if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(answer)}`)
  }
  return async () => {
    const name = randomUUID()
    const permissions = {
      read: 'users',
      write: 'users',
      readList: [writer.account.did, reader.account.did],
      writeList: [writer.account.did],
    }
    await api('createDatabase', { databaseName: name, options: { permissions } })
    const { did, contextName } = owner.account
    const url = `${node.couchUrl}/${databaseName(did, contextName, name)}`
    const as = ({ token }: { readonly token: string }) => ({ url, authorization: `Bearer ${token}` })
    return {
      ...httpView(as(writer)),
      users: { reader: httpView(as(reader)), outsider: httpView(as(outsider)) },
      database: as(writer),
      end: (version) => httpEnd(as(writer), version),
      destroy: () => api('deleteDatabase', { databaseName: name }),
    }
  }
}
