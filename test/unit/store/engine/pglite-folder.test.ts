import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openFolder, pgliteVersion, POSTGRES_MAJOR } from '../../../../src/store/engine/pglite-folder.js'
import { makeTestDatabase, type TestDatabase } from '../../../support/database.js'

let database: TestDatabase
let folder = ''
beforeAll(async () => {
  database = await makeTestDatabase('pglite')
  folder = database.options.folder
})
afterAll(() => database.remove())

const version = (): string => join(folder, 'version.json')

it('notes which PGlite and PostgreSQL made a folder, readable by its user alone', async () => {
  await (await openFolder(folder)).close()
  expect(JSON.parse(await readFile(version(), 'utf8'))).toEqual({
    pglite: pgliteVersion(),
    postgres: POSTGRES_MAJOR,
  })
  expect((await stat(version())).mode & 0o777).toBe(0o600)
})

it('runs the PostgreSQL that it says it runs', async () => {
  const source = await openFolder(folder)
  const connection = await source.acquire()
  const { rows } = await connection.query('show server_version_num', [])
  connection.release(false)
  await source.close()
  expect(rows).toEqual([{ server_version_num: expect.stringMatching(`^${POSTGRES_MAJOR}`) as string }])
})

it.each([
  ['another line of PGlite', '{"pglite":"0.4.9","postgres":17}', /made by PGlite 0\.4\.9.*Start the version/],
  ['nobody knows what', 'torn', /version\.json is not readable/],
])('refuses a folder made by %s, leaves it as it is and lets go of it', async (_name, text, message) => {
  await writeFile(version(), text)
  const opening = openFolder(folder)
  await expect(opening).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  await expect(opening).rejects.toThrow(message)
  expect(await readFile(version(), 'utf8')).toBe(text)
  await rm(version())
  await (await openFolder(folder)).close()
})

it('removes what an earlier start left half made', async () => {
  const half = join(folder, 'pg-being-made-1')
  await writeFile(half, '')
  await (await openFolder(folder)).close()
  await expect(stat(half)).rejects.toMatchObject({ code: 'ENOENT' })
})

it('says CONFIG_INVALID when the folder cannot be made', async () => {
  await writeFile(join(folder, 'file'), '')
  await expect(openFolder(join(folder, 'file', 'below'))).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
})
