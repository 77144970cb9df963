import { describe, expect, it } from 'vitest'
import { openStore, usedJtis } from '../../../../src/store/index.js'
import { findServerFault, makeTestDatabase } from '../../../support/database.js'
import { NOW, someHash } from '../../../support/store-rows.js'
import { onEveryStore } from '../../../support/store-suite.js'

await onEveryStore('ids of signed requests', (store) => {
  it('pass once, for one of fifty that come at the same time', async () => {
    const jti = someHash()
    const passes = await Promise.all(Array.from({ length: 50 }, () => usedJtis.use(store().db, jti, NOW + 1)))
    expect(passes.filter(Boolean)).toHaveLength(1)
  })

  it('are kept until their request has expired, and purged then', async () => {
    await usedJtis.purge(store().db, NOW)
    const [old, live] = [someHash(), someHash()]
    await usedJtis.use(store().db, old, NOW)
    await usedJtis.use(store().db, live, NOW + 1)
    expect(await usedJtis.purge(store().db, NOW)).toBe(1)
    expect(await usedJtis.use(store().db, live, NOW + 1)).toBe(false)
    expect(await usedJtis.use(store().db, old, NOW)).toBe(true)
  })
})

const serverFault = await findServerFault()

describe.skipIf(serverFault !== undefined)(`two nodes on one server (${serverFault ?? 'postgres'})`, () => {
  it('let a signed request pass once between them', async () => {
    const database = await makeTestDatabase('postgres')
    const nodes = await Promise.all([openStore(database.options), openStore(database.options)])
    try {
      const jtis = Array.from({ length: 20 }, someHash)
      const passes = await Promise.all(
        jtis.flatMap((jti) => nodes.map(({ db }) => usedJtis.use(db, jti, NOW))),
      )
      expect(passes.filter(Boolean)).toHaveLength(jtis.length)
    } finally {
      await Promise.all(nodes.map((node) => node.close()))
      await database.remove()
    }
  })
})
