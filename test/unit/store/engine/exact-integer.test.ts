import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { connections, vaultDatabases } from '../../../../src/store/index.js'
import { addConnection, addDatabase } from '../../../support/store-rows.js'
import { onEveryStore } from '../../../support/store-suite.js'

await onEveryStore('64-bit integers', (store) => {
  it('come back exactly as they went in, up to 2^53 - 1', async () => {
    const connection = await addConnection(store(), { nowMs: Number.MAX_SAFE_INTEGER })
    expect((await connections.get(store().db, connection.id))?.createdAtMs).toBe(Number.MAX_SAFE_INTEGER)
    const { name } = await addDatabase(store(), connection)
    await vaultDatabases.setState(store().db, name, { stateRoot: '', liveCount: 2 ** 53 - 2 })
    expect((await vaultDatabases.get(store().db, name))?.liveCount).toBe(2 ** 53 - 2)
  })

  it('are refused, not rounded, beyond that', async () => {
    const connection = await addConnection(store())
    const { name } = await addDatabase(store(), connection)
    const huge = 2n ** 53n + 1n
    await sql`update vault_databases set live_count = ${String(huge)}::bigint where name = ${name}`.execute(
      store().db,
    )
    await expect(vaultDatabases.get(store().db, name)).rejects.toMatchObject({ code: 'INTERNAL' })
    expect(await connections.get(store().db, connection.id)).toEqual(connection)
  })
})
