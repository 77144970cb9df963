import { expect, it } from 'vitest'
import { oauthStates, type OauthState } from '../../../../src/store/index.js'
import { NOW, someHash } from '../../../support/store-rows.js'
import { onEveryStore } from '../../../support/store-suite.js'

await onEveryStore('sign-ins under way', (store) => {
  const put = async (facts: Partial<OauthState> = {}): Promise<OauthState> => {
    const state: OauthState = {
      handleHash: someHash(),
      cookieHash: someHash(),
      provider: 'sandbox',
      did: 'did:vda:testnet:0x1',
      keyFingerprint: null,
      redirect: null,
      flow: 'link',
      challenge: null,
      detailsSealed: null,
      verifierSealed: 'v1.sealed',
      expiresAtMs: NOW + 600_000,
      ...facts,
    }
    await oauthStates.put(store().db, state)
    return state
  }

  it('are taken whole by one of fifty takers', async () => {
    const state = await put({ flow: 'code', challenge: 'c', redirect: 'https://x.test/' })
    const takes = await Promise.all(
      Array.from({ length: 50 }, () => oauthStates.take(store().db, state.handleHash, state.cookieHash, NOW)),
    )
    expect(takes.filter((taken) => taken !== 'unknown')).toEqual([state])
  })

  it('stay where they are when another browser comes with the handle', async () => {
    const state = await put()
    const take = (cookieHash: string) => oauthStates.take(store().db, state.handleHash, cookieHash, NOW)
    expect(await take(someHash())).toBe('unknown')
    expect(await take(state.cookieHash)).toEqual(state)
  })

  it('say once that they have expired', async () => {
    const { handleHash, cookieHash } = await put({ expiresAtMs: NOW })
    expect(await oauthStates.take(store().db, handleHash, cookieHash, NOW)).toBe('expired')
    expect(await oauthStates.take(store().db, handleHash, cookieHash, NOW)).toBe('unknown')
  })

  it('are purged when they have expired, and only then', async () => {
    await oauthStates.purge(store().db, NOW)
    await put({ expiresAtMs: NOW })
    const live = await put({ expiresAtMs: NOW + 1 })
    expect(await oauthStates.purge(store().db, NOW)).toBe(1)
    expect(await oauthStates.take(store().db, live.handleHash, live.cookieHash, NOW)).toEqual(live)
  })

  it('refuse a second one of the same handle', async () => {
    const { handleHash } = await put()
    await expect(put({ handleHash })).rejects.toMatchObject({ code: 'INTERNAL' })
  })
})
