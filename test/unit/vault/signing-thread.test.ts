/** Signing beside the event loop: the same signatures, whether the thread lives or not. */
import { afterEach, expect, it } from 'vitest'
import { SigningThread } from '../../../src/vault/signing-thread.js'
import { signText } from '../../../src/vault/text-signature.js'

const key = Buffer.alloc(32, 7)
const texts = Array.from({ length: 100 }, (_, at) => `{"text":"${at} 日本語"}`)
const expected = texts.map((text) => signText(text, key))

let thread = new SigningThread(key)
afterEach(async () => {
  await thread.close()
  thread = new SigningThread(key)
})

it('signs batches as they would be signed here, each in its order', async () => {
  const [first, second] = await Promise.all([thread.sign(texts), thread.sign([...texts].reverse())])
  expect(first).toEqual(expected)
  expect(second).toEqual([...expected].reverse())
  expect(thread.isRunning).toBe(true)
})
it('needs no thread for a few', async () => {
  expect(await thread.sign(texts.slice(0, 3))).toEqual(expected.slice(0, 3))
  expect(thread.isRunning).toBe(false)
})
it('signs here what a thread that ends leaves behind, and everything after it', async () => {
  const left = thread.sign(texts)
  await thread.close()
  expect(await left).toEqual(expected)
  expect(await thread.sign(texts)).toEqual(expected)
  expect(thread.isRunning).toBe(false)
})
it('refuses what is no key at once', () => {
  expect(() => new SigningThread(Buffer.alloc(32)).sign(['a'])).toThrow()
})
