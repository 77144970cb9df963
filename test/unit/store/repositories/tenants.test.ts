import { expect, it } from 'vitest'
import { tenants } from '../../../../src/store/index.js'
import { NOW } from '../../../support/store-rows.js'
import { onEveryStore } from '../../../support/store-suite.js'

await onEveryStore('tenants', (store) => {
  it('are made once: a second of the same name changes nothing', async () => {
    await store().node(async (tx) => {
      const made = { id: 'acme', name: 'Acme', createdAtMs: NOW }
      expect(await tenants.create(tx, { id: 'acme', name: 'Acme', nowMs: NOW })).toEqual(made)
      expect(await tenants.create(tx, { id: 'acme', name: 'Other', nowMs: NOW + 1 })).toBeUndefined()
      expect(await tenants.get(tx, 'acme')).toEqual(made)
      expect(await tenants.get(tx, 'nobody')).toBeUndefined()
    })
  })

  it('are listed by id, in pages', async () => {
    await store().node(async (tx) => {
      for (const id of ['z1', 'z3', 'z2']) await tenants.create(tx, { id, name: id, nowMs: NOW })
      const first = await tenants.list(tx, { afterId: 'z', limit: 2 })
      expect(first.map(({ id }) => id)).toEqual(['z1', 'z2'])
      expect((await tenants.list(tx, { afterId: 'z2' })).map(({ id }) => id)).toEqual(['z3'])
    })
  })
})
