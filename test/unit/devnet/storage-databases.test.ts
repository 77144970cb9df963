/** A storage node's databases: made, granted and deleted by their owner; lists decide who reads and writes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databaseName, userName } from '../../../src/devnet/index.js'
import { testDevnet, type TestDevnet } from '../../support/devnet.js'
import { postJson, registeredAccount, signIn, type Account } from '../../support/devnet-account.js'

let devnet: TestDevnet
let owner: Account
let tokens: readonly string[]
let url: string

beforeAll(async () => {
  devnet = await testDevnet({ storageLimit: 2_000 })
  url = devnet.storageNodes[0]?.url ?? ''
  const accounts = await Promise.all([1, 2, 3].map((seed) => registeredAccount(devnet, seed)))
  owner = accounts[0] as Account
  tokens = await Promise.all(accounts.map(async (account) => (await signIn({ url }, account)).accessToken))
  lists = { reader: accounts[1]?.did ?? '', writer: accounts[2]?.did ?? '' }
})
afterAll(() => devnet.close())
let lists: { readonly reader: string; readonly writer: string }

const user = (call: string, body: object, token = tokens[0]) => postJson(`${url}user/${call}`, body, token)
const hash = (name: string) => databaseName(owner.did, owner.contextName, name)

async function couch(who: number | 'public' | 'nobody', method: string, path: string, body?: object) {
  const authorization =
    typeof who === 'number'
      ? `Bearer ${tokens[who] ?? ''}`
      : who === 'public'
        ? await publicUser()
        : undefined
  const response = await fetch(`${url}couch/${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(authorization === undefined ? {} : { authorization }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
async function publicUser(): Promise<string> {
  const answer = (await (await fetch(`${url}auth/public`)).json()) as {
    user: { username: string; password: string; dsn: string }
  }
  const { username, password, dsn } = answer.user
  expect(dsn).toContain(`${username}:${password}@`)
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}
const statuses = async (call: (who: 0 | 1 | 2) => Promise<{ status: number }>) =>
  Promise.all(([0, 1, 2] as const).map(async (who) => (await call(who)).status))

describe('permissions', () => {
  it('of the owner alone: nobody else reads or writes', async () => {
    const made = await user('createDatabase', { databaseName: 'own' })
    expect(made.body).toMatchObject({ status: 'success', databaseHash: hash('own') })
    expect(await statuses((who) => couch(who, 'PUT', `${hash('own')}/doc-${who}`, {}))).toEqual([
      201, 403, 403,
    ])
    expect(await statuses((who) => couch(who, 'GET', `${hash('own')}/doc-0`))).toEqual([200, 403, 403])
    expect((await couch('nobody', 'GET', hash('own'))).status).toBe(401)
  })
  it('of lists: readers read, writers do both, and the lists can be changed', async () => {
    const permissions = {
      read: 'users',
      write: 'users',
      readList: [lists.reader],
      writeList: [lists.writer.toUpperCase()],
    }
    await user('createDatabase', { databaseName: 'lists', options: { permissions } })
    const db = hash('lists')
    expect(await statuses((who) => couch(who, 'PUT', `${db}/doc-${who}`, {}))).toEqual([201, 401, 201])
    expect(await statuses((who) => couch(who, 'GET', `${db}/doc-0`))).toEqual([200, 200, 200])
    await user('updateDatabase', {
      databaseName: 'lists',
      options: { permissions: { ...permissions, readList: [], writeList: [] } },
    })
    expect(await statuses((who) => couch(who, 'GET', `${db}/doc-0`))).toEqual([200, 403, 403])
  })
  it('of the public: it writes, and only the owner deletes', async () => {
    const permissions = { read: 'public', write: 'public' }
    await user('createDatabase', { databaseName: 'open', options: { permissions } })
    const db = hash('open')
    const { status, body } = await couch('public', 'PUT', `${db}/doc`, {})
    expect(status).toBe(201)
    const deletion = `${db}/doc?rev=${String(body['rev'])}`
    expect((await couch('public', 'DELETE', deletion)).status).toBe(401)
    expect((await couch(0, 'DELETE', deletion)).status).toBe(200)
  })
  it('are CouchDB security: members are readers and writers, and only the owner may change it', async () => {
    const { body } = await couch(0, 'GET', `${hash('own')}/_security`)
    const name = userName(owner.did, owner.contextName)
    expect(body).toMatchObject({ admins: { names: [name] }, members: { names: [name] } })
    const opened = { admins: { names: [name], roles: [] }, members: { names: [], roles: [] } }
    expect((await couch(1, 'PUT', `${hash('own')}/_security`, opened)).status).toBe(403)
    expect((await couch(0, 'PUT', `${hash('own')}/_security`, opened)).status).toBe(200)
    expect((await couch(1, 'GET', `${hash('own')}/doc-0`)).status).toBe(200)
    expect((await couch(1, 'PUT', `${hash('own')}/doc-1`, {})).status).toBe(401)
  })
})

describe('the list of databases', () => {
  it('is of one context, with facts', async () => {
    const names = (answer: { body: Readonly<Record<string, unknown>> }) =>
      (answer.body['result'] as { databaseName: string }[]).map((one) => one.databaseName).sort()
    expect(names(await user('databases', {}))).toEqual(['lists', 'open', 'own'])
    expect(names(await user('databases', {}, tokens[1]))).toEqual([])
    const info = await user('databaseInfo', { databaseName: 'own' })
    expect(info.body['result']).toMatchObject({ databaseName: 'own', info: { doc_count: 1 } })
    expect((await user('databaseInfo', { databaseName: 'own' }, tokens[1])).status).toBe(404)
    expect((await user('checkReplication', { databaseName: 'own' })).status).toBe(200)
    expect((await user('checkReplication', { databaseName: 'none' })).status).toBe(401)
  })
  it('is measured, and past a hundred times the stated limit nothing new is made', async () => {
    const { body } = await user('usage', {})
    const { bytes, databases, storageLimit } = body['result'] as Record<string, number>
    expect([databases, storageLimit]).toEqual([3, 2_000])
    expect(bytes).toBeGreaterThan(0)
    expect((await user('createDatabase', { databaseName: 'one more' })).status).toBe(200)
    await couch(0, 'PUT', `${hash('own')}/large`, { text: 'x'.repeat(250_000) })
    expect(await user('createDatabase', { databaseName: 'too many' })).toMatchObject({
      status: 400,
      body: { message: 'Storage limit reached' },
    })
  })
  it('loses what its owner deletes, and nothing through CouchDB itself', async () => {
    expect((await couch(0, 'DELETE', hash('own'))).status).toBe(401)
    expect((await user('deleteDatabase', { databaseName: 'own' }, tokens[1])).status).toBe(500)
    expect((await user('deleteDatabase', { databaseName: 'own' })).status).toBe(200)
    expect((await couch(0, 'GET', hash('own'))).status).toBe(404)
    expect((await user('deleteDatabases', {})).body['results']).toHaveLength(3)
    expect((await user('usage', {})).body['result']).toMatchObject({ databases: 0, bytes: 0 })
  })
})
