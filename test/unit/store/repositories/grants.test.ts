import { expect, it } from 'vitest'
import { grants } from '../../../../src/store/index.js'
import { addGrant, NOW } from '../../../support/store-rows.js'
import { onEveryStore } from '../../../support/store-suite.js'

const MINUTE = 60_000

await onEveryStore('grants', (store) => {
  const read = async (id: string) => {
    const grant = await grants.get(store().db, id)
    if (grant === undefined) throw new Error('no such grant')
    return grant
  }
  const at = async (generation: number): Promise<string> => {
    const id = await addGrant(store())
    for (let from = 1; from < generation; from += 1)
      await grants.advance(store().db, id, from, `tokens ${from + 1}`)
    return id
  }

  it('start at the first generation, without tokens unless these are too large for capsules', async () => {
    expect(await read(await addGrant(store()))).toMatchObject({
      generation: grants.FIRST_GENERATION,
      presentedGeneration: 0,
      tokensSealed: null,
      revokedAtMs: null,
    })
    expect(await read(await addGrant(store(), { tokensSealed: 'large' }))).toMatchObject({
      tokensSealed: 'large',
    })
  })

  it('are listed of one owner and provider', async () => {
    const did = 'did:grants'
    const ids = [await addGrant(store(), { did, nowMs: NOW + 1 }), await addGrant(store(), { did })]
    await addGrant(store(), { did, provider: 'xero' })
    const listed = await grants.listByOwner(store().db, did, 'sandbox')
    expect(listed.map(({ id }) => id)).toEqual(ids.reverse())
  })

  it('pin the first fingerprint that comes, and refuse every other one from then on', async () => {
    const id = await addGrant(store())
    const fingerprints = Array.from({ length: 20 }, (_, index) => `fingerprint ${index}`)
    const pinned = await Promise.all(
      fingerprints.map((fingerprint) => grants.pinFingerprint(store().db, id, fingerprint)),
    )
    expect(pinned.filter(Boolean)).toHaveLength(1)
    const winner = fingerprints[pinned.indexOf(true)] ?? ''
    expect(await grants.pinFingerprint(store().db, id, winner)).toBe(true)
    expect((await read(id)).keyFingerprint).toBe(winner)
    expect(await grants.pinFingerprint(store().db, 'no such grant', winner)).toBe(false)
  })

  it('advance once per generation, whoever refreshes', async () => {
    const id = await addGrant(store())
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => grants.advance(store().db, id, 1, `tokens of ${index}`)),
    )
    expect(answers.filter((answer) => answer !== undefined)).toEqual([2])
    const winner = answers.indexOf(2)
    expect(await read(id)).toMatchObject({ generation: 2, tokensSealed: `tokens of ${winner}` })
  })

  it('do not advance once revoked, and revoking forgets the tokens, once', async () => {
    const id = await at(2)
    expect(await grants.revoke(store().db, id, NOW)).toBe(true)
    expect(await grants.revoke(store().db, id, NOW + 1)).toBe(false)
    expect(await grants.advance(store().db, id, 2, 'late')).toBeUndefined()
    expect(await read(id)).toMatchObject({ generation: 2, tokensSealed: null, revokedAtMs: NOW })
  })

  it('keep tokens until a capsule that carries them is presented', async () => {
    const id = await at(3)
    const present = (generation: number, erase: boolean) =>
      grants.markPresented(store().db, id, generation, { erase })
    expect(await present(2, true)).toMatchObject({ presentedGeneration: 2, tokensSealed: 'tokens 3' })
    expect(await present(3, false)).toMatchObject({ presentedGeneration: 3, tokensSealed: 'tokens 3' })
    expect(await present(3, true)).toMatchObject({ presentedGeneration: 3, tokensSealed: null })
  })

  it('never count down when an old capsule comes after a new one', async () => {
    const id = await at(3)
    await grants.markPresented(store().db, id, 3, { erase: true })
    expect(await grants.markPresented(store().db, id, 1, { erase: true })).toMatchObject({
      generation: 3,
      presentedGeneration: 3,
    })
  })

  it('take over the generation of a newer capsule: the store is a restored backup', async () => {
    const id = await at(2)
    expect(await grants.markPresented(store().db, id, 7, { erase: true })).toMatchObject({
      generation: 7,
      presentedGeneration: 7,
      tokensSealed: null,
    })
    expect(await grants.advance(store().db, id, 2, 'of the backup')).toBeUndefined()
  })

  it('that nobody made are never presented', async () => {
    expect(await grants.markPresented(store().db, 'none', 1, { erase: true })).toBeUndefined()
  })

  it('let one of fifty callers run', async () => {
    const id = await addGrant(store())
    const claims = await Promise.all(
      Array.from({ length: 50 }, () => grants.claimRun(store().db, id, NOW, MINUTE)),
    )
    expect(claims.filter(({ kind }) => kind === 'claimed')).toHaveLength(1)
    expect(claims.filter(({ kind }) => kind === 'recent')).toHaveLength(49)
  })

  it('answer the last request again inside the interval, and run anew after it', async () => {
    const id = await addGrant(store())
    const claim = (nowMs: number) => grants.claimRun(store().db, id, nowMs, MINUTE)
    expect(await claim(NOW)).toEqual({ kind: 'claimed' })
    expect(await claim(NOW + 1)).toEqual({ kind: 'recent', lastRunAtMs: NOW, lastRequest: null })
    await grants.putLastRequest(store().db, id, { syncRequestId: 'abc', list: ['a'] })
    expect(await claim(NOW + MINUTE - 1)).toEqual({
      kind: 'recent',
      lastRunAtMs: NOW,
      lastRequest: { syncRequestId: 'abc', list: ['a'] },
    })
    expect(await claim(NOW + MINUTE)).toEqual({ kind: 'claimed' })
    expect((await read(id)).lastRequest).toBeNull()
  })

  it('are not blocked by a run of the future: the clock was set back', async () => {
    const id = await addGrant(store())
    await grants.claimRun(store().db, id, NOW + 10 * MINUTE, MINUTE)
    expect(await grants.claimRun(store().db, id, NOW, MINUTE)).toEqual({ kind: 'claimed' })
  })

  it('take back a claim whose run never began, and only that one', async () => {
    const id = await addGrant(store())
    await grants.claimRun(store().db, id, NOW, MINUTE)
    await grants.unclaimRun(store().db, id, NOW - 1)
    expect(await grants.claimRun(store().db, id, NOW + 1, MINUTE)).toMatchObject({ kind: 'recent' })
    await grants.unclaimRun(store().db, id, NOW)
    expect(await grants.claimRun(store().db, id, NOW + 1, MINUTE)).toEqual({ kind: 'claimed' })
  })

  it('that are revoked or unknown run nothing', async () => {
    const id = await addGrant(store())
    await grants.revoke(store().db, id, NOW)
    expect(await grants.claimRun(store().db, id, NOW, MINUTE)).toEqual({ kind: 'unknown' })
    expect(await grants.claimRun(store().db, 'none', NOW, MINUTE)).toEqual({ kind: 'unknown' })
  })
})
