/** Signing in at a storage node: who is let in, and how long tokens are good for. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databaseName } from '../../../src/devnet/index.js'
import type { Clock } from '../../../src/lib/clock.js'
import { testDevnet, type TestDevnet } from '../../support/devnet.js'
import {
  consentText,
  postJson,
  registeredAccount,
  signIn,
  unknownAccount,
  type Account,
} from '../../support/devnet-account.js'

const clock: Clock & { ahead: number } = { ahead: 0, now: () => Date.now() + clock.ahead }
let devnet: TestDevnet
let account: Account
let url: string
let other: string

beforeAll(async () => {
  devnet = await testDevnet({ nodes: 2, clock })
  account = await registeredAccount(devnet, 1)
  ;[url = '', other = ''] = devnet.storageNodes.map((node) => node.url)
})
afterAll(() => devnet.close())

const usage = (token: string, at = url) => postJson(`${at}user/usage`, {}, token)

describe('who is let in', () => {
  it('a registered DID that signs the request of this node', async () => {
    const { accessToken, host } = await signIn({ url }, account)
    expect(host).toBe(devnet.storageNodes[0]?.couchUrl)
    expect((await usage(accessToken)).status).toBe(200)
  })
  it('not with another key', async () => {
    const other = unknownAccount(9)
    await expect(signIn({ url }, { ...other, did: account.did })).rejects.toThrow('401')
  })
  it('not a DID that nobody registered, though its signature is right', async () => {
    await expect(signIn({ url }, unknownAccount(8))).rejects.toThrow('401')
  })
  it('not with the request of another context', async () => {
    const asked = await postJson(`${url}auth/generateAuthJwt`, account)
    const { authJwt, authRequestId } = asked.body['authJwt'] as { authJwt: string; authRequestId: string }
    const elsewhere = { ...account, contextName: 'Test: Elsewhere' }
    const signature = account.sign(consentText(elsewhere, authRequestId))
    const answer = await postJson(`${url}auth/authenticate`, {
      ...elsewhere,
      authJwt,
      signature,
      deviceId: 'x',
    })
    expect(answer.status).toBe(401)
  })
  it('not with the request of another node', async () => {
    const asked = await postJson(`${other}auth/generateAuthJwt`, account)
    const { authJwt, authRequestId } = asked.body['authJwt'] as { authJwt: string; authRequestId: string }
    const signature = account.sign(consentText(account, authRequestId))
    const answer = await postJson(`${url}auth/authenticate`, {
      ...account,
      authJwt,
      signature,
      deviceId: 'x',
    })
    expect(answer.status).toBe(401)
  })
})

describe('tokens', () => {
  it('are of one node: another one refuses them', async () => {
    const { accessToken, refreshToken } = await signIn({ url }, account)
    expect((await usage(accessToken, other)).status).toBe(401)
    expect((await postJson(`${other}auth/connect`, { ...account, refreshToken })).status).toBe(401)
  })
  it('an access token ends after its minutes, at the API and at CouchDB; the refresh token gives a new one', async () => {
    const { accessToken, refreshToken, host } = await signIn({ url }, account)
    const atCouch = (token: string) =>
      fetch(`${host}/${databaseName(account.did, account.contextName, 'none')}`, {
        headers: { authorization: `Bearer ${token}` },
      })
    expect((await atCouch(accessToken)).status).toBe(404)
    clock.ahead += 601_000
    expect(await usage(accessToken)).toEqual({ status: 401, body: { text: 'Unauthorized' } })
    const expired = await atCouch(accessToken)
    expect([expired.status, await expired.json()]).toEqual([
      401,
      { error: 'unauthorized', reason: 'exp not in future' },
    ])
    const renewed = await postJson(`${url}auth/connect`, { ...account, refreshToken })
    expect((await usage(String(renewed.body['accessToken']))).status).toBe(200)
  })
  it('a refresh token ends after its days', async () => {
    const { refreshToken } = await signIn({ url }, account)
    clock.ahead += 30 * 24 * 3_600_000 + 1_000
    expect((await postJson(`${url}auth/isTokenValid`, { ...account, refreshToken })).status).toBe(401)
    expect((await postJson(`${url}auth/connect`, { ...account, refreshToken })).status).toBe(401)
  })
  it('a regenerated refresh token replaces the old one', async () => {
    const { refreshToken } = await signIn({ url }, account)
    const renewed = await postJson(`${url}auth/regenerateRefreshToken`, { ...account, refreshToken })
    const valid = (token: unknown) => postJson(`${url}auth/isTokenValid`, { ...account, refreshToken: token })
    expect((await valid(renewed.body['refreshToken'])).status).toBe(200)
    expect((await valid(refreshToken)).status).toBe(401)
  })
  it('a device that was signed out cannot renew; its access token lives on', async () => {
    const { refreshToken, accessToken } = await signIn({ url }, account)
    const { did, contextName } = account
    const text = `Invalidate device for this application context: "${contextName}"?\n\n${did}\ntest`
    const body = { did, contextName, deviceId: 'test', signature: account.sign(text) }
    expect((await postJson(`${url}auth/invalidateDeviceId`, { ...body, signature: '0x00' })).status).toBe(401)
    expect((await postJson(`${url}auth/invalidateDeviceId`, body)).status).toBe(200)
    expect((await postJson(`${url}auth/connect`, { did, contextName, refreshToken })).status).toBe(401)
    expect((await usage(accessToken)).status).toBe(200)
  })
  it('outlive a restart of the node', async () => {
    const { accessToken } = await signIn({ url }, account)
    await devnet.storageNodes[0]?.stop()
    await expect(usage(accessToken)).rejects.toThrow()
    await devnet.storageNodes[0]?.start()
    expect((await usage(accessToken)).status).toBe(200)
  })
  it('CouchDB calls text that is no token, or not signed here, a bad request', async () => {
    const { accessToken, host } = await signIn({ url }, account)
    for (const token of ['x', `${accessToken.slice(0, -2)}AA`]) {
      const answer = await fetch(host + '/db', { headers: { authorization: `Bearer ${token}` } })
      expect(answer.status).toBe(400)
    }
  })
})
