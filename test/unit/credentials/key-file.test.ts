import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { keyFile } from '../../../src/credentials/key-file.js'
import { generateKey, parseKeyRing } from '../../../src/credentials/key-ring.js'
import { liveKeyRing } from '../../../src/credentials/live-key-ring.js'
import { openValue, sealValue } from '../../../src/credentials/sealed-value.js'
import { Redacted } from '../../../src/lib/redacted.js'

let folder = ''
let path = ''
let first = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'key-file-'))
  path = join(folder, 'encryption')
  first = generateKey()
  await writeFile(path, `${first}\n`, { mode: 0o600 })
})
afterEach(() => rm(folder, { recursive: true }))

const idOf = (key: string): string => parseKeyRing(new Redacted(key)).current.id

describe('the file of keys', () => {
  it('gets a new first key, keeps the old one behind it, and stays for its owner’s eyes only', async () => {
    const ring = await keyFile(path).addKey()
    expect(ring.keys).toHaveLength(2)
    expect(ring.current.id).not.toBe(idOf(first))
    expect(ring.keys[1]?.id).toBe(idOf(first))
    expect((await readFile(path, 'utf8')).split(',')[1]).toBe(first)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readdir(folder)).toEqual(['encryption'])
  })

  it('loses no key to two changes at the same moment: the second is refused', async () => {
    const ends = await Promise.allSettled([keyFile(path).addKey(), keyFile(path).addKey()])
    const refused = ends.filter((end) => end.status === 'rejected')
    const { keys } = keyFile(path).read()
    expect(keys).toHaveLength(3 - refused.length)
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'CONFIG_INVALID' })
  })

  it('is not changed beside a draft that another change left, and says which file to remove', async () => {
    await writeFile(`${path}.new`, '')
    await expect(keyFile(path).addKey()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      detail: `${path}.new is there: another change runs, or one broke off; then remove it`,
    })
    expect(await readFile(path, 'utf8')).toBe(`${first}\n`)
  })

  it('gives up an old key, never the one that seals, and none that it does not have', async () => {
    const file = keyFile(path)
    const { current } = await file.addKey()
    await expect(file.dropKey(current.id)).rejects.toMatchObject({
      detail: `key ${current.id} seals now: rotate first`,
    })
    await expect(file.dropKey('0123456789ab')).rejects.toMatchObject({
      detail: 'there is no key 0123456789ab on the ring',
    })
    expect((await file.dropKey(idOf(first))).keys.map(({ id }) => id)).toEqual([current.id])
  })

  it('is read again only when it changed, and a damaged one changes nothing', async () => {
    const file = keyFile(path)
    file.read()
    expect(file.readIfChanged()).toBeUndefined()
    await writeFile(path, 'half a ke')
    expect(file.readIfChanged()).toBeUndefined()
    expect(() => file.read()).toThrow('CONNECTOR_ENCRYPTION_KEY')
    const next = generateKey()
    await writeFile(path, `${next},${first}`)
    expect(file.readIfChanged()?.current.id).toBe(idOf(next))
  })
})

describe('a live ring', () => {
  it('opens what another process sealed under a key that was added a moment ago', async () => {
    const mine = keyFile(path)
    const ring = liveKeyRing(mine.read(), () => mine.readIfChanged())
    const sealedBefore = sealValue(ring, 'before', ['place'])
    const theirs = await keyFile(path).addKey()
    const sealed = sealValue(theirs, 'after', ['place'])
    expect(openValue(ring, sealed, ['place'])).toBe('after')
    expect(openValue(ring, sealedBefore, ['place'])).toBe('before')
    expect(ring.current.id).toBe(theirs.current.id)
  })

  it('names the key that is gone and still needed', async () => {
    const file = keyFile(path)
    const ring = liveKeyRing(file.read(), () => file.readIfChanged())
    const sealed = sealValue(ring, 'text', ['place'])
    const { current } = await file.addKey()
    ring.replace(await file.dropKey(idOf(first)))
    expect(() => openValue(ring, sealed, ['place'])).toThrow(
      `sealed with key ${idOf(first)}, which is not in CONNECTOR_ENCRYPTION_KEY`,
    )
    expect(ring.keys.map(({ id }) => id)).toEqual([current.id])
  })
})
