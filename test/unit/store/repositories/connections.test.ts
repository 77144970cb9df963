import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { connections } from '../../../../src/store/index.js'
import { addConnection, NOW, someHash } from '../../../support/store-rows.js'
import { onEveryStore } from '../../../support/store-suite.js'

await onEveryStore('connections', (store) => {
  it('are one per owner, provider and account: the same again keeps id, lease and first day', async () => {
    const first = await addConnection(store(), { status: 'pending' })
    const { owner, provider, accountHash } = first
    const again = await addConnection(store(), {
      owner,
      provider,
      accountHash,
      status: 'active',
      nowMs: NOW + 5,
    })
    expect(again).toEqual({ ...first, status: 'active', updatedAtMs: NOW + 5 })
    expect(await connections.find(store().db, owner, provider, accountHash)).toEqual(again)
  })

  it('become one when many make the same at once', async () => {
    const facts = { owner: 'did:many', accountHash: someHash() }
    const made = await Promise.all(Array.from({ length: 20 }, () => addConnection(store(), facts)))
    expect(new Set(made.map(({ id }) => id)).size).toBe(1)
  })

  it.each(['owner', 'provider', 'accountHash'] as const)('are another one for another %s', async (member) => {
    const first = await addConnection(store())
    const { owner, provider, accountHash } = first
    const other = await addConnection(store(), { owner, provider, accountHash, [member]: 'other' })
    expect(other.id).not.toBe(first.id)
  })

  it('are found by id, and an id that is no UUID names none', async () => {
    const made = await addConnection(store())
    expect(await connections.get(store().db, made.id)).toEqual(made)
    expect(await connections.get(store().db, randomUUID())).toBeUndefined()
    expect(await connections.get(store().db, "'; drop table connections; --")).toBeUndefined()
  })

  it('are listed of their owner alone, oldest first, of one provider when asked', async () => {
    const owner = 'did:lister'
    const newer = await addConnection(store(), { owner, nowMs: NOW + 1 })
    const older = await addConnection(store(), { owner, nowMs: NOW })
    const elsewhere = await addConnection(store(), { owner, provider: 'xero', nowMs: NOW + 2 })
    await addConnection(store(), { owner: 'did:stranger' })
    const ids = async (provider?: string) =>
      (await connections.listByOwner(store().db, owner, provider)).map(({ id }) => id)
    expect(await ids()).toEqual([older.id, newer.id, elsewhere.id])
    expect(await ids('xero')).toEqual([elsewhere.id])
    expect(await ids('')).toEqual([])
  })

  it('change their status and nothing else', async () => {
    const made = await addConnection(store())
    await connections.setStatus(store().db, made.id, 'reconnect_needed', NOW + 9)
    expect(await connections.get(store().db, made.id)).toEqual({
      ...made,
      status: 'reconnect_needed',
      updatedAtMs: NOW + 9,
    })
  })
})
