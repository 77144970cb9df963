/** The log's file: made with its folder, appended to, readable by nobody else. */
import { mkdtemp, readFile, rm, stat, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openLogFile } from '../../../src/lib/log-file.js'
import { createLog } from '../../../src/lib/log.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'log-file-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

it('keeps what was there, and goes on after a rotation that truncates it', async () => {
  const path = join(folder, 'logs', 'node.log')
  for (const url of ['first', 'second']) {
    const file = openLogFile(path)
    createLog({ level: 'info', json: true, write: (line) => file.write(line) }).info('node.started', { url })
    file.close()
  }
  expect((await readFile(path, 'utf8')).trim().split('\n')).toHaveLength(2)
  expect((await stat(path)).mode & 0o777).toBe(0o600)

  const file = openLogFile(path)
  file.write('before\n')
  await truncate(path)
  file.write('after\n')
  file.close()
  expect(await readFile(path, 'utf8')).toBe('after\n')
})

it('says at once that a file cannot be opened', () => {
  expect(() => openLogFile(folder)).toThrow(/EISDIR/)
})
