import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { lockFolder } from '../../../../src/store/engine/folder-lock.js'
import { ownIdentity } from '../../../../src/store/engine/process-identity.js'
import { openStore, settings } from '../../../../src/store/index.js'
import { prepareStoreFolder } from '../../../support/database.js'

const HOLDER = join(import.meta.dirname, '../../../support/lock-holder.ts')
const QUICK = { beatMs: 20, silentMs: 100 }

let folder = ''
let children: ChildProcess[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'connector-node-lock-'))
})
afterEach(async () => {
  await Promise.all(children.map((child) => killed(child)))
  children = []
  await rm(folder, { recursive: true, force: true })
})

async function holder(what: 'lock' | 'store'): Promise<{ child: ChildProcess; answer: unknown }> {
  const child = fork(HOLDER, [what, folder], { execArgv: ['--import', 'tsx'] })
  children.push(child)
  const [answer] = (await once(child, 'message')) as [unknown]
  return { child, answer }
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

const claims = async (): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.startsWith('lock-'))

describe('the lock of a folder', () => {
  it('keeps a second process out as long as the first lives, and says which one that is and what to do', async () => {
    const { child, answer } = await holder('lock')
    expect(answer).toBe('held')
    const refused = lockFolder(folder)
    await expect(refused).rejects.toMatchObject({ code: 'STORE_LOCKED' })
    await expect(refused).rejects.toThrow(
      new RegExp(`${folder} is in use by process ${child.pid ?? 0}.*DATA_DIR.*DATABASE_URL`),
    )
    expect(await claims()).toHaveLength(1)
  })

  it('is free at once when its holder was killed', async () => {
    const { child } = await holder('lock')
    await killed(child)
    expect(await claims()).toHaveLength(1)
    const lock = await lockFolder(folder)
    lock.assertHeld()
    expect(await claims()).toHaveLength(1)
    await lock.release()
  })

  it('is free when its holder gave it back', async () => {
    const { child } = await holder('lock')
    child.send('release')
    await once(child, 'exit')
    expect(await claims()).toEqual([])
    await (await lockFolder(folder)).release()
  })

  it('is never held by two of those that start together', async () => {
    const tries = await Promise.allSettled(Array.from({ length: 5 }, () => lockFolder(folder)))
    const held = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    expect(held.length).toBeLessThanOrEqual(1)
    await Promise.all(held.map((lock) => lock.release()))
    expect(await claims()).toEqual([])
  })

  it('names this very process when it holds the folder itself', async () => {
    const lock = await lockFolder(folder)
    await expect(lockFolder(folder)).rejects.toThrow('this very process')
    await lock.release()
  })

  it('is not taken for held because a new process has the number of a dead one', async () => {
    const dead = { ...ownIdentity(), started: '1' }
    await writeFile(join(folder, `lock-${process.pid}-0`), JSON.stringify(dead))
    await (await lockFolder(folder)).release()
    expect(await claims()).toEqual([])
  })

  it.each([
    ['another container', JSON.stringify({ pid: 1, space: 'elsewhere', started: '1' })],
    ['a process that was killed while it wrote it', '{"pid":'],
  ])('counts a claim of %s as dead once it is silent', async (_name, text) => {
    await writeFile(join(folder, 'lock-1-0'), text)
    await (await lockFolder(folder, QUICK)).release()
    expect(await claims()).toEqual([])
  })

  it('honours a claim of another container that beats', async () => {
    const path = join(folder, 'lock-1-0')
    const beat = () => writeFile(path, JSON.stringify({ pid: 1, space: 'elsewhere', started: '1' }))
    await beat()
    const beating = setInterval(() => void beat(), 5)
    await expect(lockFolder(folder, QUICK)).rejects.toMatchObject({ code: 'STORE_LOCKED' })
    clearInterval(beating)
  })

  it('is lost, and says so, when somebody removes its file', async () => {
    const lock = await lockFolder(folder, QUICK)
    const [claim = ''] = await claims()
    await rm(join(folder, claim))
    await vi.waitFor(() => expect(lock.assertHeld).toThrow(/STORE_LOCKED/), { interval: 5 })
    await lock.release()
  })

  it('says CONFIG_INVALID when the folder cannot be written', async () => {
    await expect(lockFolder(join(folder, 'missing'))).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })
})

describe('an embedded store', () => {
  it('is refused to a second process, and opens whole after the first was killed in the middle', async () => {
    await prepareStoreFolder(folder)
    const first = await holder('store')
    expect(first.answer).toBe('held')
    await expect(openStore({ folder })).rejects.toMatchObject({ code: 'STORE_LOCKED' })
    await killed(first.child)
    const store = await openStore({ folder })
    await settings.put(store.db, 'mine', true)
    const second = await holder('store')
    expect(second.answer).toMatchObject({ code: 'STORE_LOCKED' })
    expect(await settings.get(store.db, 'mine')).toBe(true)
    await store.close()
    const again = await openStore({ folder })
    expect(await settings.get(again.db, 'mine')).toBe(true)
    await again.close()
  })
})
