import { inspect } from 'node:util'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { NodeError } from '../../../../src/errors.js'
import { connections, openStore, settings } from '../../../../src/store/index.js'
import { storeFault } from '../../../../src/store/engine/store-fault.js'
import { addConnection } from '../../../support/store-rows.js'
import { onEveryStore } from '../../../support/store-suite.js'

const thrown = (code: string | undefined, message = 'what the engine said'): Error =>
  Object.assign(new Error(message), code === undefined ? {} : { code })

describe('what an engine throws', () => {
  it.each<[string | undefined, string]>([
    ['08006', 'a lost connection'],
    ['25P03', 'a session ended in an idle transaction'],
    ['57P01', 'a server that shuts down'],
    ['57P03', 'a server that starts up'],
    ['53300', 'too many connections'],
    ['58030', 'an input or output error'],
    ['XX000', 'a fault inside the engine'],
    ['ECONNREFUSED', 'no server'],
    ['ECONNRESET', 'a cut connection'],
    ['EPIPE', 'a closed connection'],
    ['28P01', 'a wrong password'],
    ['3D000', 'a missing database'],
    ['42501', 'a missing privilege'],
    [undefined, 'an engine that died without a word'],
  ])('%s (%s) means that the store is not available', (code) => {
    const fault = storeFault(thrown(code))
    expect(fault).toMatchObject({ code: 'STORE_UNAVAILABLE', fate: 'retry', status: 503 })
  })

  it.each(['40001', '40P01', '55P03', '57014'])('%s is a conflict, to be tried again', (code) => {
    expect(storeFault(thrown(code))).toMatchObject({ code: 'WRITE_CONFLICT', fate: 'retry' })
  })

  it('53100 is a full disk', () => {
    expect(storeFault(thrown('53100')).code).toBe('DISK_FULL')
  })

  it.each(['23505', '23503', '22P02', '42P01', '42703', '25P02'])('%s is a bug of ours', (code) => {
    expect(storeFault(thrown(code)).code).toBe('INTERNAL')
  })

  it('that is a wrong argument of ours, or no error at all, is a bug', () => {
    expect(storeFault(new TypeError('undefined is not a function')).code).toBe('INTERNAL')
    expect(storeFault(new RangeError('too large')).code).toBe('INTERNAL')
    expect(storeFault('a string').code).toBe('INTERNAL')
  })

  it('that is already of the table stays what it is', () => {
    const known = new NodeError('STORE_LOCKED')
    expect(storeFault(known)).toBe(known)
  })
})

await onEveryStore('a fault of the store', (store) => {
  it('never carries values of rows or parameters', async () => {
    const canary = 'canary-8Zk'
    const made = await addConnection(store(), { owner: canary, accountHash: canary })
    const { db } = store()
    const faults: unknown[] = []
    const keep = (error: unknown) => faults.push(error)
    await sql`insert into connections select * from connections where id = ${made.id}`.execute(db).catch(keep)
    await sql`select ${canary}::uuid`.execute(db).catch(keep)
    await sql`select ${canary}::int`.execute(db).catch(keep)
    await sql`update connections set status = ${canary} where id = ${made.id}`.execute(db).catch(keep)
    await sql`update connections set owner = null where id = ${made.id}`.execute(db).catch(keep)
    expect(faults).toHaveLength(5)
    for (const fault of faults) {
      expect(fault).toMatchObject({ code: 'INTERNAL' })
      expect(inspect(fault, { depth: 10 })).not.toContain(canary)
    }
  })

  it('leaves the store usable', async () => {
    await expect(connections.setStatus(store().db, 'no uuid', 'active', 1)).rejects.toMatchObject({
      code: 'INTERNAL',
    })
    await settings.put(store().db, 'after a fault', 1)
    expect(await settings.get(store().db, 'after a fault')).toBe(1)
  })
})

describe('a server that is not there', () => {
  it('is named with address and advice, and without its password', async () => {
    const opening = openStore({ folder: '/nowhere', databaseUrl: 'postgres://me:s3cret@127.0.0.1:1/db' })
    const fault = await opening.catch((error: unknown) => error)
    expect(fault).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(String(fault)).toContain('127.0.0.1:1/db')
    expect(String(fault)).toContain('DATABASE_URL')
    expect(inspect(fault, { depth: 10 })).not.toContain('s3cret')
  })
})
