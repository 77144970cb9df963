import { expect, test } from 'vitest'
import { within } from '../../../src/vault/deadline.js'

const never = () => new Promise<never>(() => undefined)

test('what does not end in time ends as an unreachable storage node, even when it does not heed its signal', async () => {
  await expect(within(20, undefined, never)).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE' })
})

test("the caller's own abort is thrown as it is", async () => {
  const caller = new AbortController()
  const reason = new Error('fenced')
  const waiting = within(10_000, caller.signal, never)
  caller.abort(reason)
  await expect(waiting).rejects.toBe(reason)
  await expect(within(10_000, caller.signal, async () => 1)).rejects.toBe(reason)
})

test('what ends in time gives its value or its own error', async () => {
  await expect(within(1_000, undefined, async () => 1)).resolves.toBe(1)
  const error = new Error('own')
  await expect(within(1_000, undefined, () => Promise.reject(error))).rejects.toBe(error)
})
