/** The teeth of suite C: a sound database breaks no rule, and each broken twin breaks exactly its own. */
import { readdir } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDevnet, type TestDevnet } from '../support/devnet.js'
import { brokenStorageRules, storageRules } from './storage.js'
import { devnetStorage, type DevnetStorage } from './storage-on-devnet.js'
import type { Twin, Twist } from './storage-twist.js'

const folder = new URL('broken/', import.meta.url)
const files = (await readdir(folder)).filter((name) => /^storage-.*\.ts$/.test(name))
const twins = await Promise.all(
  files.map(async (file) => ({ file, twin: (await import(new URL(file, folder).href)) as Twin })),
)

let devnet: TestDevnet
let open: () => Promise<DevnetStorage>

beforeAll(async () => {
  devnet = await testDevnet()
  open = await devnetStorage(devnet)
})
afterAll(() => devnet.close())

const broken = (twist: Twist) => brokenStorageRules(async () => ({ mine: twist(await open()) }))

test('a sound database breaks no rule', async () => {
  expect(await broken((sound) => sound)).toEqual([])
})

test.each(twins)(
  '$file breaks exactly its rule',
  async ({ twin }) => {
    expect(await broken(twin.twist)).toEqual([twin.breaks])
  },
  60_000,
)

test('every rule has a broken twin', () => {
  expect([...new Set(twins.map(({ twin }) => twin.breaks))].sort()).toEqual(Object.keys(storageRules).sort())
})
