import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { keptSecret } from '../../../src/credentials/secret-files.js'
import { reveal } from '../../../src/lib/redacted.js'

let parent = ''
let folder = ''
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'connector-node-secrets-'))
  folder = join(parent, 'secrets')
})
afterEach(() => rm(parent, { recursive: true, force: true }))

const never = (): string => {
  throw new Error('made again')
}

it('a secret is made once and kept from then on', async () => {
  expect(reveal(await keptSecret(folder, 'key', () => 'first'))).toBe('first')
  expect(reveal(await keptSecret(folder, 'key', never))).toBe('first')
  expect(reveal(await keptSecret(folder, 'other', () => 'second'))).toBe('second')
})

it('a secret’s file is its user’s alone, and nothing else is left in the folder', async () => {
  await keptSecret(folder, 'key', () => 'first')
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
  expect((await stat(join(folder, 'key'))).mode & 0o777).toBe(0o600)
  expect(await readdir(folder)).toEqual(['key'])
})

it('many that make it at the same time get the one that is kept', async () => {
  const secrets = await Promise.all(
    Array.from({ length: 20 }, (_, index) => keptSecret(folder, 'key', () => `secret ${index}`)),
  )
  const kept = await readFile(join(folder, 'key'), 'utf8')
  expect(new Set(secrets.map(reveal))).toEqual(new Set([kept]))
  expect(await readdir(folder)).toEqual(['key'])
})

it('a secret prints as hidden', async () => {
  const secret = await keptSecret(folder, 'key', () => 'first')
  expect(`${String(secret)} ${JSON.stringify({ secret })}`).not.toContain('first')
})

it('line ends of an editor are no part of it', async () => {
  await keptSecret(folder, 'other', () => 'x')
  await writeFile(join(folder, 'key'), 'written by hand\n')
  expect(reveal(await keptSecret(folder, 'key', never))).toBe('written by hand')
})

it('an empty file is never replaced in silence', async () => {
  await keptSecret(folder, 'other', () => 'x')
  await writeFile(join(folder, 'key'), '\n')
  const opening = keptSecret(folder, 'key', never)
  await expect(opening).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  await expect(opening).rejects.toThrow(/empty: restore it from a backup/)
  expect(await readFile(join(folder, 'key'), 'utf8')).toBe('\n')
})

it('a file that cannot be read or written says which', async () => {
  await keptSecret(join(folder, 'key'), 'below', () => 'x')
  await expect(keptSecret(folder, 'key', never)).rejects.toThrow(/CONFIG_INVALID.*key cannot be read/)
})
