import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { exportToFile, type StorePlace } from '../../../src/cli/export.js'
import { importFromFile } from '../../../src/cli/import.js'
import { openStore, settings } from '../../../src/store/index.js'
import { whilePrinting } from '../../support/printed.js'
import { makeTestDatabase, type TestDatabase } from '../../support/database.js'

let folder = ''
let databases: TestDatabase[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'connector-node-copy-'))
})
afterAll(async () => {
  await Promise.all(databases.map((database) => database.remove()))
  await rm(folder, { recursive: true, force: true })
})
async function place(): Promise<StorePlace & { readonly options: TestDatabase['options'] }> {
  const database = await makeTestDatabase('pglite')
  databases = [...databases, database]
  const { options } = database
  return { dataDir: dirname(options.folder), DATABASE_URL: undefined, options }
}

it('moves a store from one data folder to another by a file that only its user may read', async () => {
  const [from, to, file] = [await place(), await place(), join(folder, 'moved')]
  const store = await openStore(from.options)
  await settings.put(store.db, 'kept', 'this')
  await store.close()

  const printed = await whilePrinting(async () => {
    expect(await exportToFile(file, from)).toBe(0)
    expect(await importFromFile(file, to)).toBe(0)
  })
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(printed.join()).toContain('1 rows')

  const moved = await openStore(to.options)
  expect(await settings.get(moved.db, 'kept')).toBe('this')
  await moved.close()
})

it('never writes over a file', async () => {
  const [from, file] = [await place(), join(folder, 'precious')]
  await writeFile(file, 'mine')
  await expect(exportToFile(file, from)).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
  expect(await readFile(file, 'utf8')).toBe('mine')
})

it('leaves no half of a file behind', async () => {
  const file = join(folder, 'half')
  const nowhere = { dataDir: join(folder, 'nowhere'), DATABASE_URL: undefined }
  await expect(exportToFile(file, nowhere)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' })
  await expect(stat(nowhere.dataDir)).rejects.toMatchObject({ code: 'ENOENT' })
})

it('says which file cannot be read', async () => {
  const reading = importFromFile(join(folder, 'missing'), await place())
  await expect(reading).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
  await expect(reading).rejects.toThrow(/missing cannot be read/)
})
