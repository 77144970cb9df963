import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { staging, type StagedDatabase } from '../../../../src/store/index.js'
import { addConnection, NOW, someHash } from '../../../support/store-rows.js'
import { onEveryStore } from '../../../support/store-suite.js'

await onEveryStore('the list of staged databases', (store) => {
  const add = async (connectionId: string, nowMs = NOW): Promise<StagedDatabase> => {
    const id = randomUUID()
    const row = {
      id,
      connectionId,
      database: someHash(),
      path: `staged/${id}`,
      leaseNumber: 28_616_666,
      nodes: ['http://127.0.0.1:1/', 'http://localhost:2/'],
    }
    await staging.add(store().db, row, nowMs)
    return { ...row, createdAtMs: nowMs }
  }

  it('names every folder, oldest first, of one connection when asked', async () => {
    const [one, other] = [await addConnection(store()), await addConnection(store())]
    const newer = await add(one.id, NOW + 1)
    const older = await add(one.id)
    const elsewhere = await add(other.id, NOW + 2)
    expect(await staging.list(store().db, one.id)).toEqual([older, newer])
    expect(await staging.list(store().db)).toEqual([older, newer, elsewhere])
  })

  it('lets go of a folder that is gone, again too', async () => {
    const { id } = await addConnection(store())
    const [gone, left] = [await add(id), await add(id, NOW + 1)]
    await staging.remove(store().db, gone.id)
    await staging.remove(store().db, gone.id)
    expect(await staging.list(store().db, id)).toEqual([left])
  })

  it('takes no folder of a connection that is not there', async () => {
    await expect(add(randomUUID())).rejects.toMatchObject({ code: 'INTERNAL' })
  })
})
