import {
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
  type FileHandle,
} from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fileJournal, noJournal } from '../../../src/credentials/token-journal.js'

const ENTRY = { generation: 2, tokensSealed: 'g1.sealed' }

let parent = ''
let folder = ''
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'connector-node-journal-'))
  folder = join(parent, 'journal')
})
afterEach(() => rm(parent, { recursive: true, force: true }))

describe('the journal of refreshed tokens', () => {
  it('keeps the newest entry of each grant, also for the next process', async () => {
    const journal = fileJournal(folder)
    await journal.put('a', ENTRY)
    await journal.put('a', { ...ENTRY, generation: 3 })
    await journal.put('b', ENTRY)
    const later = fileJournal(folder)
    expect(await later.get('a')).toEqual({ ...ENTRY, generation: 3 })
    expect(await later.get('b')).toEqual(ENTRY)
    expect(await later.get('c')).toBeUndefined()
  })

  it('forgets an entry, again too', async () => {
    const journal = fileJournal(folder)
    await journal.put('a', ENTRY)
    await journal.remove('a')
    await journal.remove('a')
    expect(await journal.get('a')).toBeUndefined()
    expect(await readdir(folder)).toEqual([])
  })

  it('is for its user alone', async () => {
    await fileJournal(folder).put('a', ENTRY)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    expect((await stat(join(folder, 'a.json'))).mode & 0o777).toBe(0o600)
  })

  it('is durable when `put` returns: the file is synced before it gets its name, the folder after', async () => {
    const file = join(folder, 'a.json')
    const probe = await open(parent, 'r')
    const handles = Object.getPrototypeOf(probe) as FileHandle
    await probe.close()
    const sync = Reflect.get<FileHandle, 'sync'>(handles, 'sync')
    const named: boolean[] = []
    vi.spyOn(handles, 'sync').mockImplementation(function (this: FileHandle) {
      named.push(existsSync(file))
      return sync.call(this)
    })
    await fileJournal(folder).put('a', ENTRY)
    expect(named).toEqual([false, true])
  })

  it.each([
    ['empty', ''],
    ['cut short', '{"generation":2,"tokensSe'],
    ['of another form', '{"generation":"2"}'],
  ])('takes an entry that is %s for none: its `put` never returned', async (_name, text) => {
    const journal = fileJournal(folder)
    await journal.put('a', ENTRY)
    await truncate(join(folder, 'a.json'))
    await writeFile(join(folder, 'a.json'), text)
    expect(await journal.get('a')).toBeUndefined()
    await journal.put('a', ENTRY)
    expect(await journal.get('a')).toEqual(ENTRY)
  })

  it('loses nothing to a draft that a crash left beside it', async () => {
    const journal = fileJournal(folder)
    await journal.put('a', ENTRY)
    await writeFile(join(folder, '.draft'), '{"generation":3')
    expect(await journal.get('a')).toEqual(ENTRY)
  })

  it('leaves a whole entry, whichever of many writers comes last', async () => {
    const journal = fileJournal(folder)
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        journal.put('a', { generation: index + 1, tokensSealed: 'x'.repeat(index * 1_000 + 1) }),
      ),
    )
    const entry = await journal.get('a')
    expect(entry?.tokensSealed).toHaveLength(((entry?.generation ?? 0) - 1) * 1_000 + 1)
    expect(await readdir(folder)).toEqual(['a.json'])
  })

  it('stays in its folder, whatever a grant is called', async () => {
    await fileJournal(folder).put('../../escape', ENTRY)
    expect(await readdir(parent)).toEqual(['journal'])
    expect(await readdir(folder)).toHaveLength(1)
    expect(await fileJournal(folder).get('../../escape')).toEqual(ENTRY)
  })

  it('says so when it cannot keep an entry', async () => {
    await writeFile(folder, 'a file in its place')
    await expect(fileJournal(folder).put('a', ENTRY)).rejects.toThrow()
    expect(await readFile(folder, 'utf8')).toBe('a file in its place')
  })

  it('is nothing on a database that syncs by itself', async () => {
    await noJournal.put('a', ENTRY)
    expect(await noJournal.get('a')).toBeUndefined()
    await noJournal.remove('a')
  })
})
