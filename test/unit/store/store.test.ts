import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { settings } from '../../../src/store/index.js'
import { openTestStore } from '../../support/database.js'
import { onEveryStore } from '../../support/store-suite.js'

await onEveryStore('a store', (store, kind) => {
  it('says which engine it is, and whether it answers', async () => {
    expect(store().dialect).toBe(kind)
    await store().ready()
  })

  it('commits a transaction whole, or not at all', async () => {
    await store().transaction(async (tx) => {
      await settings.put(tx, 'a', 1)
      await settings.put(tx, 'b', 2)
    })
    const failing = store().transaction(async (tx) => {
      await settings.put(tx, 'a', 9)
      throw new RangeError('stop')
    })
    await expect(failing).rejects.toThrow('stop')
    expect(await settings.get(store().db, 'a')).toBe(1)
    expect(await settings.get(store().db, 'b')).toBe(2)
  })

  it('gives what the callback gives', async () => {
    expect(await store().transaction(async () => 'given')).toBe('given')
  })

  it('never commits in silence what had failed inside', async () => {
    const swallowing = store().transaction(async (tx) => {
      await settings.put(tx, 'swallowed', 1)
      await sql`select 1 / 0`.execute(tx).catch(() => undefined)
    })
    await expect(swallowing).rejects.toMatchObject({ code: 'INTERNAL' })
    expect(await settings.get(store().db, 'swallowed')).toBeUndefined()
  })

  it('throws instead of waiting for itself when it is used beside its own open transaction', async () => {
    const refused = { code: 'INTERNAL' }
    await store().transaction(async (tx) => {
      await expect(settings.get(store().db, 'a')).rejects.toMatchObject(refused)
      await expect(store().transaction(async () => 1)).rejects.toMatchObject(refused)
      await settings.put(tx, 'still open', true)
    })
    expect(await settings.get(store().db, 'still open')).toBe(true)
  })

  it('may be used again by what a transaction started and outlived it', async () => {
    let later: Promise<unknown> = Promise.resolve()
    let release: () => void = () => undefined
    const ended = new Promise<void>((resolve) => (release = resolve))
    await store().transaction(async () => {
      later = ended.then(() => settings.get(store().db, 'a'))
    })
    release()
    expect(await later).toBe(1)
  })

  it('keeps concurrent transactions apart', async () => {
    await settings.put(store().db, 'counter', 0)
    const add = () =>
      store().transaction(async (tx) => {
        await sql`select 1 from settings where key = 'counter' for update`.execute(tx)
        const value = await settings.get(tx, 'counter')
        await settings.put(tx, 'counter', Number(value) + 1)
      })
    await Promise.all(Array.from({ length: 20 }, add))
    expect(await settings.get(store().db, 'counter')).toBe(20)
  })

  it('that is closed says that it is not available', async () => {
    const closed = await openTestStore(kind)
    await closed.close()
    await expect(closed.ready()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })
})
