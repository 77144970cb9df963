import { expect, it } from 'vitest'
import { idempotencyKeys, type ClaimResult } from '../../../../src/store/index.js'
import { NOW } from '../../../support/store-rows.js'
import { onEveryStore } from '../../../support/store-suite.js'

await onEveryStore('idempotency keys', (store) => {
  let count = 0
  const someKey = (): string => `key ${(count += 1)}`
  const claim = (key: string, nowMs = NOW, requestHash = 'same', tenant = 'one'): Promise<ClaimResult> =>
    store().tenant(tenant, (tx) => idempotencyKeys.claim(tx, { tenant, key, requestHash, nowMs }))
  const complete = (key: string, body: null | { readonly id: number }) =>
    store().tenant('one', (tx) =>
      idempotencyKeys.complete(tx, { tenant: 'one', key, status: 201, body, nowMs: NOW }),
    )

  it('let one of many in', async () => {
    const key = someKey()
    const answers = await Promise.all(Array.from({ length: 20 }, () => claim(key)))
    expect(answers.filter((answer) => answer === 'new')).toHaveLength(1)
    expect(answers.filter((answer) => answer === 'running')).toHaveLength(19)
  })

  it('give the same request its answer again, an empty one too', async () => {
    for (const body of [{ id: 1 }, null]) {
      const key = someKey()
      expect(await claim(key)).toBe('new')
      await complete(key, body)
      expect(await claim(key)).toEqual({ kind: 'done', status: 201, body })
    }
  })

  it('tell another request apart, and another tenant', async () => {
    const key = someKey()
    await claim(key)
    expect(await claim(key, NOW, 'other')).toBe('other request')
    expect(await claim(key, NOW, 'other', 'two')).toBe('new')
  })

  it('are free again when their request failed; an answer is not given back', async () => {
    const key = someKey()
    const release = () => store().tenant('one', (tx) => idempotencyKeys.release(tx, { tenant: 'one', key }))
    await claim(key)
    await release()
    expect(await claim(key, NOW, 'other')).toBe('new')
    await complete(key, null)
    await release()
    expect(await claim(key, NOW, 'other')).toMatchObject({ kind: 'done' })
  })

  it('block no longer than a request may run, and answer no longer than they are kept', async () => {
    const key = someKey()
    await claim(key)
    expect(await claim(key, NOW + idempotencyKeys.RUNNING_MS - 1)).toBe('running')
    expect(await claim(key, NOW + idempotencyKeys.RUNNING_MS)).toBe('new')
    await complete(key, null)
    expect(await claim(key, NOW + idempotencyKeys.KEPT_MS - 1)).toMatchObject({ kind: 'done' })
    expect(await claim(key, NOW + idempotencyKeys.KEPT_MS, 'other')).toBe('new')
  })

  it('are purged when they have expired, of every tenant', async () => {
    await store().node((tx) => idempotencyKeys.purge(tx, NOW * 2))
    await claim(someKey(), NOW, 'same', 'a')
    await claim(someKey(), NOW, 'same', 'b')
    const purge = (nowMs: number) => store().node((tx) => idempotencyKeys.purge(tx, nowMs))
    expect(await purge(NOW + idempotencyKeys.RUNNING_MS - 1)).toBe(0)
    expect(await purge(NOW + idempotencyKeys.RUNNING_MS)).toBe(2)
  })
})
