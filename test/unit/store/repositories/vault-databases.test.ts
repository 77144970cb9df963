import { expect, it } from 'vitest'
import { vaultDatabases, type VaultDatabase } from '../../../../src/store/index.js'
import { addConnection, addDatabase, NOW, someHash } from '../../../support/store-rows.js'
import { onEveryStore } from '../../../support/store-suite.js'

await onEveryStore('databases of a Vault', (store) => {
  const get = ({ name }: VaultDatabase) => vaultDatabases.get(store().db, name)

  it('are made once, whoever ensures them', async () => {
    const connection = await addConnection(store())
    const name = someHash()
    const rows = await Promise.all(
      Array.from({ length: 20 }, () =>
        addDatabase(store(), connection, { name, grantFingerprint: 'g', nowMs: NOW }),
      ),
    )
    expect(new Set(rows.map((row) => JSON.stringify(row))).size).toBe(1)
    expect(rows[0]).toMatchObject({ nextSequence: 1, lastReceiptHash: '0'.repeat(64), liveCount: 0 })
  })

  it('are never shared by connections or schemas', async () => {
    const connection = await addConnection(store())
    const row = await addDatabase(store(), connection)
    const conflict = { code: 'WRITE_CONFLICT' }
    const { name } = row
    await expect(addDatabase(store(), await addConnection(store()), { name })).rejects.toMatchObject(conflict)
    await expect(
      addDatabase(store(), connection, { name, schemaUri: 'https://schemas.test/other.json' }),
    ).rejects.toMatchObject(conflict)
    expect(await get(row)).toEqual(row)
  })

  it('that were forgotten live again with their sequence, secret version and leaves', async () => {
    const connection = await addConnection(store())
    const row = await addDatabase(store(), connection, { secretVersion: 3 })
    await vaultDatabases.setState(store().db, row.name, { stateRoot: 'root', liveCount: 7 })
    await vaultDatabases.keepLeaves(store().db, row.name, 'sealed leaves')
    await vaultDatabases.markForgotten(store().db, row.name, NOW + 1)
    expect(await get(row)).toMatchObject({ forgottenAtMs: NOW + 1, stateRoot: null, liveCount: 0 })
    const revived = await addDatabase(store(), connection, { name: row.name, secretVersion: 4 })
    expect(revived).toEqual({ ...row, leavesSealed: 'sealed leaves' })
  })

  it('change what a proof or a new grant says of them', async () => {
    const row = await addDatabase(store(), await addConnection(store()))
    await vaultDatabases.setState(store().db, row.name, { stateRoot: 'root', liveCount: 5_000_000_000 })
    await vaultDatabases.setGrantFingerprint(store().db, row.name, 'other grant')
    expect(await get(row)).toEqual({
      ...row,
      stateRoot: 'root',
      liveCount: 5_000_000_000,
      grantFingerprint: 'other grant',
    })
  })

  it('are listed of their connection, forgotten ones too', async () => {
    const connection = await addConnection(store())
    const newer = await addDatabase(store(), connection, { nowMs: NOW + 1 })
    const older = await addDatabase(store(), connection)
    await vaultDatabases.markForgotten(store().db, older.name, NOW)
    await addDatabase(store(), await addConnection(store()))
    const listed = await vaultDatabases.listByConnection(store().db, connection.id)
    expect(listed.map(({ name }) => name)).toEqual([older.name, newer.name])
  })

  it('name the secret versions that are still needed, once each', async () => {
    const connection = await addConnection(store())
    for (const secretVersion of [12, 11, 12]) await addDatabase(store(), connection, { secretVersion })
    const versions = await vaultDatabases.secretVersions(store().db)
    expect(versions.filter((version) => version > 10)).toEqual([11, 12])
  })
})
