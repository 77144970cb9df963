import { expect, it } from 'vitest'
import { redeemCodes, type RedeemCode } from '../../../../src/store/index.js'
import { NOW, someHash } from '../../../support/store-rows.js'
import { onEveryStore } from '../../../support/store-suite.js'

const good = (): boolean => true
const bad = (): boolean => false

await onEveryStore('redeem codes', (store) => {
  const put = async (expiresAtMs = NOW + 600_000): Promise<string> => {
    const codeHash = someHash()
    await redeemCodes.put(store().db, {
      codeHash,
      provider: 'sandbox',
      did: 'did:vda:testnet:0x1',
      challenge: 'challenge',
      payloadSealed: 'v1.sealed',
      expiresAtMs,
    })
    return codeHash
  }
  const redeem = (codeHash: string, check: (code: RedeemCode) => boolean) =>
    redeemCodes.redeem(store().db, codeHash, NOW, check)

  it('are given once, to one of fifty right tries', async () => {
    const code = await put()
    // More than five at once: those beyond are not even checked, so at most one gets it and none gets it twice.
    const answers = await Promise.all(Array.from({ length: 50 }, () => redeem(code, good)))
    expect(answers.filter((answer) => typeof answer === 'object')).toHaveLength(1)
    expect(await redeem(code, good)).toBe('unknown')
  })

  it('show the check what they were made for', async () => {
    const code = await put()
    const seen = await redeem(code, ({ did, challenge }) => did.endsWith('0x1') && challenge === 'challenge')
    expect(seen).toMatchObject({ codeHash: code, payloadSealed: 'v1.sealed' })
  })

  it('survive four bad tries and burn at the fifth', async () => {
    const [lucky, burnt] = [await put(), await put()]
    for (let tries = 1; tries < redeemCodes.MAX_FAILURES; tries += 1) {
      expect(await redeem(lucky, bad)).toBe('refused')
      expect(await redeem(burnt, bad)).toBe('refused')
    }
    expect(await redeem(lucky, good)).toMatchObject({ codeHash: lucky })
    expect(await redeem(burnt, bad)).toBe('refused')
    expect(await redeem(burnt, good)).toBe('unknown')
  })

  it('are checked five times at the most, however many guess at once', async () => {
    const code = await put()
    let checks = 0
    const guess = (): boolean => {
      checks += 1
      return false
    }
    await Promise.all(Array.from({ length: 50 }, () => redeem(code, guess)))
    expect(checks).toBe(redeemCodes.MAX_FAILURES)
    expect(await redeem(code, good)).toBe('unknown')
  })

  it('say once that they have expired, without a check', async () => {
    const code = await put(NOW)
    const check = () => {
      throw new Error('checked')
    }
    expect(await redeem(code, check)).toBe('expired')
    expect(await redeem(code, check)).toBe('unknown')
  })

  it('are never redeemed inside a transaction: rolled back, it would forget the try', async () => {
    const code = await put()
    const inside = store().transaction((tx) => redeemCodes.redeem(tx, code, NOW, good))
    await expect(inside).rejects.toMatchObject({ code: 'INTERNAL' })
  })

  it('are purged when they have expired, and only then', async () => {
    await redeemCodes.purge(store().db, NOW)
    await put(NOW)
    const live = await put(NOW + 1)
    expect(await redeemCodes.purge(store().db, NOW)).toBe(1)
    expect(await redeem(live, good)).toMatchObject({ codeHash: live })
  })
})
