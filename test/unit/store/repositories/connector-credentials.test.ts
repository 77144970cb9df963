import { expect, it } from 'vitest'
import { connectorCredentials, type Connector, type ScopedTx } from '../../../../src/store/index.js'
import { NOW } from '../../../support/store-rows.js'
import { onEveryStore } from '../../../support/store-suite.js'
import { addConnector } from '../../../support/tenant-rows.js'

await onEveryStore('credentials of connectors', (store) => {
  const inTenant = <T>(work: (tx: ScopedTx) => Promise<T>): Promise<T> => store().tenant('one', work)
  const row = ({ id }: Connector, sealed: string, field = 'tokens') => ({
    connectorId: id,
    tenant: 'one',
    field,
    sealed,
    nowMs: NOW,
  })
  const put = (connector: Connector, sealed: string, expected?: number) =>
    inTenant((tx) => connectorCredentials.put(tx, row(connector, sealed), expected))
  const read = async ({ id }: Connector) =>
    (await inTenant((tx) => connectorCredentials.get(tx, id, 'tokens')))?.sealed

  it('count every write of a field', async () => {
    const connector = await addConnector(store(), 'one')
    expect(await put(connector, 'a')).toBe(1)
    expect(await put(connector, 'b')).toBe(2)
    expect(await inTenant((tx) => connectorCredentials.get(tx, connector.id, 'tokens'))).toEqual({
      connectorId: connector.id,
      tenant: 'one',
      field: 'tokens',
      sealed: 'b',
      generation: 2,
      updatedAtMs: NOW,
    })
  })

  it('are not written over by who has read an older one', async () => {
    const connector = await addConnector(store(), 'one')
    expect(await put(connector, 'early', 1)).toBeUndefined()
    expect(await put(connector, 'first', 0)).toBe(1)
    expect(await put(connector, 'again', 0)).toBeUndefined()
    expect(await put(connector, 'second', 1)).toBe(2)
    expect(await put(connector, 'late', 1)).toBeUndefined()
    expect(await read(connector)).toBe('second')
  })

  it('that are locked wait for the one who holds them, and are read as he left them', async () => {
    const connector = await addConnector(store(), 'one')
    await put(connector, '0')
    const addOne = () =>
      inTenant(async (tx) => {
        const [locked] = await connectorCredentials.lock(tx, connector.id)
        const next = String(Number(locked?.sealed) + 1)
        await connectorCredentials.put(tx, row(connector, next), locked?.generation)
      })
    await Promise.all(Array.from({ length: 10 }, addOne))
    expect(await read(connector)).toBe('10')
  })

  it('are removed one by one, or all', async () => {
    const connector = await addConnector(store(), 'one')
    for (const field of ['a', 'b', 'c'])
      await inTenant((tx) => connectorCredentials.put(tx, row(connector, 's', field)))
    expect(await inTenant((tx) => connectorCredentials.remove(tx, connector.id, 'b'))).toBe(1)
    const left = await inTenant((tx) => connectorCredentials.list(tx, connector.id))
    expect(left.map(({ field }) => field)).toEqual(['a', 'c'])
    expect(await inTenant((tx) => connectorCredentials.remove(tx, connector.id))).toBe(2)
  })

  it('are met once each, of all tenants, by a change of keys', async () => {
    const connector = await addConnector(store(), 'one')
    for (const field of ['a', 'b', 'c'])
      await inTenant((tx) => connectorCredentials.put(tx, row(connector, 's', field)))
    const all = await store().node((tx) => connectorCredentials.listAll(tx, { limit: 1_000 }))
    const met: unknown[] = []
    for (let after = all[0], page = all.slice(0, 1); page.length > 0 && after !== undefined;) {
      met.push(...page)
      const place = after
      page = [...(await store().node((tx) => connectorCredentials.listAll(tx, { after: place, limit: 1 })))]
      after = page.at(-1)
    }
    expect(all.length).toBeGreaterThan(3)
    expect(met).toEqual(all)
  })
})
