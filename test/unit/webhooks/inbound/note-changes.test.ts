import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { sealAccount } from '../../../../src/connectors/sealed-credentials.js'
import { accountHashes } from '../../../../src/credentials/account-hash.js'
import { generateNodeSecret, parseNodeSecrets } from '../../../../src/credentials/node-secrets.js'
import { silentLog } from '../../../../src/lib/log.js'
import { Redacted } from '../../../../src/lib/redacted.js'
import { connections, connectorCredentials, connectors, inboundChanges } from '../../../../src/store/index.js'
import { noteAccounts } from '../../../../src/webhooks/inbound/note-changes.js'
import type { InboundPorts } from '../../../../src/webhooks/inbound/index.js'
import { testRing } from '../../../support/connector-bench.js'
import { addConnection, NOW } from '../../../support/store-rows.js'
import { onEveryStore } from '../../../support/store-suite.js'
import { addConnector } from '../../../support/tenant-rows.js'

await onEveryStore('changes that an application’s endpoint is told of', (store) => {
  const ring = testRing()
  const secrets = parseNodeSecrets(new Redacted(generateNodeSecret()))
  const ports = { ring, secrets, log: silentLog, clock: { now: () => NOW } } as unknown as InboundPorts
  const type = 'ledger'

  /** As one that was connected before its account was told of anywhere: without a hash. */
  async function connected(accountId: string, tenant: string, status: 'active' | 'paused' = 'active') {
    const connector = await addConnector(store(), tenant, { type, status })
    const place = { tenant, id: connector.id }
    const sealed = sealAccount(ring, place, { id: accountId, name: 'Ann' })
    await store().tenant(tenant, (tx) =>
      connectorCredentials.put(tx, {
        connectorId: connector.id,
        tenant,
        field: 'account',
        sealed,
        nowMs: NOW,
      }),
    )
    return connector
  }
  const told = (...events: readonly { readonly accountId?: string; readonly stream?: string }[]) =>
    store().node((tx) => noteAccounts(tx, ports, type, events))
  const changeOf = (id: string) => store().node((tx) => inboundChanges.get(tx, id))

  it('reach every connector of the account, in all tenants, and no other', async () => {
    const [ours, theirs] = [await connected('a-1', 'ours'), await connected('a-1', 'theirs')]
    const [other, paused] = [await connected('a-2', 'ours'), await connected('a-1', 'ours', 'paused')]
    expect(await told({ accountId: 'a-1', stream: 'invoices' }, { accountId: 'nobody' })).toBe(1)
    for (const { id } of [ours, theirs])
      expect(await changeOf(id)).toMatchObject({ streams: ['invoices'], deliveries: 1 })
    expect(await changeOf(other.id)).toBeUndefined()
    expect(await changeOf(paused.id)).toBeUndefined()
    // Written on the way, for the next one.
    const row = await store().node((tx) => connectors.get(tx, ours.id))
    expect(row?.accountHash).toBe(accountHashes(secrets, { provider: type, accountId: 'a-1' })[0])
  })

  it('are folded: streams are joined, and one of all streams is of all', async () => {
    const { id } = await connected('b-1', 'ours')
    await told({ accountId: 'b-1', stream: 'invoices' })
    await told({ accountId: 'b-1', stream: 'contacts' }, { accountId: 'b-1', stream: 'invoices' })
    const joined = await changeOf(id)
    expect([[...(joined?.streams ?? [])].sort(), joined?.deliveries]).toEqual([['contacts', 'invoices'], 2])
    await told({ accountId: 'b-1' })
    expect(await changeOf(id)).toMatchObject({ streams: null, deliveries: 3 })
    await told({ accountId: 'b-1', stream: 'contacts' })
    expect(await changeOf(id)).toMatchObject({ streams: null, deliveries: 4 })
  })

  it('only mark a connection in a Vault’s custody as changed', async () => {
    const [accountHash] = accountHashes(secrets, { provider: type, accountId: 'v-1' })
    const kept = await addConnection(store(), {
      provider: type,
      accountHash,
      custody: 'vault',
      owner: randomUUID(),
    })
    expect(await told({ accountId: 'v-1', stream: 'invoices' })).toBe(0)
    expect((await connections.get(store().db, kept.id))?.changedAtMs).toBe(NOW)
  })
})
