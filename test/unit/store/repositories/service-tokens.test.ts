import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { serviceTokens, type NewServiceToken, type ServiceToken } from '../../../../src/store/index.js'
import { NOW, someHash } from '../../../support/store-rows.js'
import { onEveryStore } from '../../../support/store-suite.js'

await onEveryStore('service tokens', (store) => {
  const add = (tenant: string, facts: Partial<NewServiceToken> = {}): Promise<ServiceToken> =>
    store().tenant(tenant, (tx) =>
      serviceTokens.create(tx, {
        id: randomUUID(),
        tenant,
        name: 'ci',
        tokenHash: someHash(),
        scopes: ['records:read', 'connectors:write'],
        expiresAtMs: null,
        nowMs: NOW,
        ...facts,
      }),
    )
  const find = (tokenHash: string) => store().node((tx) => serviceTokens.findByHash(tx, tokenHash))

  it('are found by their hash, as they were made', async () => {
    const token = await add('one', { expiresAtMs: NOW + 1 })
    expect(token).toMatchObject({ scopes: ['records:read', 'connectors:write'], lastUsedAtMs: null })
    expect(await find(token.tokenHash)).toEqual(token)
    expect(await find(someHash())).toBeUndefined()
  })

  it('are listed of one tenant, oldest first', async () => {
    const [second, first] = [await add('lists', { nowMs: 2 }), await add('lists', { nowMs: 1 })]
    expect(await store().tenant('lists', (tx) => serviceTokens.list(tx))).toEqual([first, second])
  })

  it('are revoked once, and stay to be seen', async () => {
    const { id, tokenHash } = await add('one')
    const revoke = (token: string, nowMs: number) =>
      store().tenant('one', (tx) => serviceTokens.revoke(tx, token, nowMs))
    expect(await revoke(id, 7)).toBe(true)
    expect(await revoke(id, 8)).toBe(false)
    expect(await revoke(randomUUID(), 8)).toBe(false)
    expect(await revoke('no uuid', 8)).toBe(false)
    expect(await find(tokenHash)).toMatchObject({ revokedAtMs: 7 })
    expect(await store().tenant('other', (tx) => serviceTokens.revoke(tx, id, 9))).toBe(false)
  })

  it('note when they were used', async () => {
    const { id, tokenHash } = await add('one')
    await store().node((tx) => serviceTokens.touch(tx, id, 9))
    expect(await find(tokenHash)).toMatchObject({ lastUsedAtMs: 9 })
  })
})
