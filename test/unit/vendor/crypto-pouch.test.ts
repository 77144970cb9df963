/** Our crypto-pouch: the bytes of Verida's fork, what it leaves in clear, and what it refuses. */
import { randomBytes } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { createEnvelope } from '../../../src/vault/envelope.js'
import { memoryDatabase, type Pouch } from '../../support/pouch.js'
import vectors from '../vault/verida-vectors.json' with { type: 'json' }

const options = { password: vectors.databaseKey, salt: Buffer.alloc(0), iterations: 1000 }
const envelope = createEnvelope(Buffer.from(vectors.databaseKey, 'hex'))
const ID = 'a'.repeat(32)

/** Two handles on one database: one that seals, one that shows what lies there. */
async function pair(version: 7 | 9): Promise<{ readonly sealing: Pouch; readonly raw: Pouch }> {
  const { name, open } = memoryDatabase(version)
  const [raw, sealing] = [open(name), open(name)]
  await sealing.crypto(options)
  return { sealing, raw }
}

it("is what Verida's client loads: the packages of the registry lose all data in silence", () => {
  const require = createRequire(import.meta.url)
  const ours = realpathSync(fileURLToPath(new URL('../../../vendor/crypto-pouch/index.js', import.meta.url)))
  const clients = createRequire(require.resolve('@verida/client-ts')).resolve('crypto-pouch')
  expect(realpathSync(clients)).toBe(ours)
})

describe.each([7, 9] as const)('in PouchDB %i', (version) => {
  it.each(vectors.sealed)("reads what Verida's fork wrote: $what", async ({ document, stored }) => {
    const { sealing, raw } = await pair(version)
    await raw.bulkDocs([stored], { new_edits: false })
    const { _id, _rev } = stored
    expect(await sealing.get(_id, { rev: _rev })).toEqual({ ...document, _rev })
  })

  it("writes what the node's own envelope opens", async () => {
    const { sealing, raw } = await pair(version)
    await sealing.put({ _id: ID, text: 'żółć', list: [1, null] })
    const { payload } = await raw.get(ID)
    expect(envelope.open(String(payload), ID)).toEqual({ _id: ID, text: 'żółć', list: [1, null] })
  })

  it("reads what the node's own envelope wrote, padding and all", async () => {
    const { sealing, raw } = await pair(version)
    await raw.put({ _id: ID, payload: envelope.seal({ _id: ID, text: 'x' }) })
    expect(await sealing.get(ID)).toMatchObject({ _id: ID, text: 'x' })
  })

  it('stores the payload and the fields of PouchDB, and nothing else', async () => {
    const { sealing, raw } = await pair(version)
    const { rev } = await sealing.put({ _id: ID, text: 'secret words' })
    await sealing.put({ _id: ID, _rev: rev, text: 'other secret words' })
    const { results } = await raw.changes({ include_docs: true })
    expect(results.map(({ doc }) => Object.keys(doc ?? {}).sort())).toEqual([['_id', '_rev', 'payload']])
    expect(JSON.stringify(await raw.get(ID, { revs: true }))).not.toContain('secret')
    // Where the packages of the registry keep a salt of their own, which never replicates.
    await expect(raw.get('_local/crypto')).rejects.toMatchObject({ status: 404 })
  })

  it('opens by every way of reading', async () => {
    const { sealing } = await pair(version)
    await sealing.put({ _id: ID, text: 'x' })
    const { rows } = await sealing.allDocs({ include_docs: true })
    const { results } = await sealing.changes({ include_docs: true })
    const got = await sealing.bulkGet({ docs: [{ id: ID }] })
    const read = [rows[0]?.doc, results[0]?.doc, got.results[0]?.docs[0]?.ok, await sealing.get(ID)]
    for (const document of read) expect(document).toMatchObject({ _id: ID, text: 'x' })
  })

  it("believes the outer revision: the one inside is the parent's", async () => {
    const { sealing } = await pair(version)
    const { rev } = await sealing.put({ _id: ID, text: 'x' })
    const second = await sealing.put({ _id: ID, _rev: rev, text: 'y' })
    expect(await sealing.get(ID)).toEqual({ _id: ID, _rev: second.rev, text: 'y' })
  })

  it('shows conflicts and deletions as PouchDB does', async () => {
    const { sealing, raw } = await pair(version)
    const payload = envelope.seal({ _id: ID, text: 'x' })
    await raw.bulkDocs(
      ['1-aa', '1-bb'].map((_rev) => ({ _id: ID, _rev, payload })),
      { new_edits: false },
    )
    expect((await sealing.get(ID, { conflicts: true }))._conflicts).toEqual(['1-aa'])
    const { rev } = await sealing.remove(await sealing.get(ID))
    expect(await sealing.get(ID, { rev })).toMatchObject({ _deleted: true })
  })

  it('lets bare tombstones pass, which have no payload', async () => {
    const { sealing, raw } = await pair(version)
    await raw.bulkDocs([{ _id: ID, _rev: '2-x', _deleted: true }], { new_edits: false })
    expect(await sealing.get(ID, { rev: '2-x' })).toEqual({ _id: ID, _rev: '2-x', _deleted: true })
  })

  it('refuses attachments, which would lie there in clear', async () => {
    const { sealing } = await pair(version)
    const _attachments = { 'a.txt': { content_type: 'text/plain', data: 'aGk=' } }
    await expect(sealing.put({ _id: ID, _attachments })).rejects.toThrow('Attachments')
  })

  it('opens nothing under another key, and says so in the words that the client knows', async () => {
    const { sealing, raw } = await pair(version)
    await sealing.put({ _id: ID, text: 'x' })
    const { open } = memoryDatabase(version)
    const other = open(raw.name)
    await other.crypto({ ...options, password: randomBytes(32).toString('hex') })
    await expect(other.get(ID)).rejects.toThrow(/^Could not decrypt!$/)
    await expect(other.allDocs({ include_docs: true })).rejects.toThrow(/^Could not decrypt!$/)
  })

  it("believes no payload of another document's", async () => {
    const { sealing, raw } = await pair(version)
    await raw.put({ _id: ID, payload: envelope.seal({ _id: 'b'.repeat(32), text: 'x' }) })
    await expect(sealing.get(ID)).rejects.toThrow('belongs to another id')
  })

  it('hands over sealed documents when a sealing database is the target, as PouchDB transforms them', async () => {
    const source = await pair(version)
    const target = await pair(version)
    await source.sealing.put({ _id: ID, text: 'x' })
    await source.sealing.replicate.to(target.sealing)
    expect(await target.sealing.get(ID)).toMatchObject({ text: 'x' })
    expect(String((await target.raw.get(ID))['payload'])).toMatch(/^[\w+/=]+$/)
  })

  it('is off again after removeCrypto', async () => {
    const { sealing } = await pair(version)
    await sealing.put({ _id: ID, text: 'x' })
    sealing.removeCrypto()
    expect(Object.keys(await sealing.get(ID)).sort()).toEqual(['_id', '_rev', 'payload'])
  })
})

it.each([{ password: 5 }, { password: 'a' }, { password: 'a', salt: 'text' }])(
  'refuses settings %j',
  async (given) => {
    const { name, open } = memoryDatabase()
    await expect(open(name).crypto(given as never)).rejects.toThrow(TypeError)
  },
)
