import { expect, it } from 'vitest'
import { usageDaily } from '../../../../src/store/index.js'
import { onEveryStore } from '../../../support/store-suite.js'
import { addConnector } from '../../../support/tenant-rows.js'

await onEveryStore('usage', (store) => {
  it('adds up by connector and day, also when many runs end at once', async () => {
    const [connector, other] = [await addConnector(store(), 'one'), await addConnector(store(), 'one')]
    const add = (connectorId: string, day: string) =>
      store().tenant('one', (tx) =>
        usageDaily.add(tx, { connectorId, tenant: 'one', day, calls: 1, records: 2, bytes: 3e9, errors: 0 }),
      )
    await Promise.all(Array.from({ length: 10 }, () => add(connector.id, '2024-05-29')))
    await add(connector.id, '2024-05-28')
    await add(connector.id, '2024-06-01')
    await add(other.id, '2024-05-29')
    const seen = await store().tenant('one', (tx) => usageDaily.list(tx, connector.id, '2024-05-29'))
    expect(seen.map(({ day, calls, records, bytes }) => ({ day, calls, records, bytes }))).toEqual([
      { day: '2024-05-29', calls: 10, records: 20, bytes: 3e10 },
      { day: '2024-06-01', calls: 1, records: 2, bytes: 3e9 },
    ])
  })
})
