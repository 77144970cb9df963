import { expect, it } from 'vitest'
import type { Json } from '../../../../src/lib/canonical-json.js'
import { settings } from '../../../../src/store/index.js'
import { onEveryStore } from '../../../support/store-suite.js'

await onEveryStore('settings', (store) => {
  const values: Json[] = [
    'text',
    '{"not":"parsed"}',
    '',
    0,
    -1.5,
    true,
    false,
    null,
    [],
    ['a', 1, null],
    {},
    { camelCase: { snake_case: [{ x: 1 }] } },
  ]
  it.each(values)('keep %j as it is', async (value) => {
    await settings.put(store().db, 'value', value)
    expect(await settings.get(store().db, 'value')).toEqual(value)
  })

  it('are replaced, and removed', async () => {
    await settings.put(store().db, 'one', 1)
    await settings.put(store().db, 'one', [2])
    expect(await settings.get(store().db, 'one')).toEqual([2])
    await settings.remove(store().db, 'one')
    expect(await settings.get(store().db, 'one')).toBeUndefined()
  })

  it('keep what was there first, and tell everyone the same', async () => {
    const kept = await Promise.all(
      Array.from({ length: 20 }, (_, index) => settings.putIfAbsent(store().db, 'first', { index })),
    )
    expect(new Set(kept.map((value) => JSON.stringify(value))).size).toBe(1)
    expect(await settings.get(store().db, 'first')).toEqual(kept[0])
  })
})
