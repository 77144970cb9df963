/** `connector-node audit verify`, the command itself, over databases that somebody changed behind the node's back. */
import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditLog, openStore } from '../../../src/store/index.js'
import { makeTestDatabase, type TestDatabase } from '../../support/database.js'
import { onEveryEngine } from '../../support/store-suite.js'

const TENANTS = ['changed', 'intact', 'moved', 'removed']
const ROWS = 5

interface Said {
  readonly code: number
  readonly lines: readonly string[]
}

await onEveryEngine('audit verify', (kind) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await makeTestDatabase(kind)
    const store = await openStore(database.options)
    for (const tenant of TENANTS)
      for (let at = 1; at <= ROWS; at += 1)
        await store.tenant(tenant, (tx) =>
          auditLog.append(tx, {
            tenant,
            actor: 'user:ann',
            action: 'connector.updated',
            subject: 'connector:1',
            facts: { at },
            nowMs: at,
          }),
        )
    await store.close()
  }, 60_000)
  afterAll(() => database.remove())

  /** As a superuser with a client of his own: past every trigger and policy. */
  async function asSuperuser(text: string): Promise<void> {
    const { folder, databaseUrl } = database.options
    const quiet = `set session_replication_role = replica; ${text}`
    if (databaseUrl === undefined) {
      const pglite = await PGlite.create(join(folder, 'pg'))
      await pglite.exec(quiet)
      await pglite.close()
      return
    }
    const client = new Client({ connectionString: databaseUrl })
    await client.connect()
    await client.query(quiet)
    await client.end()
  }

  function verify(): Promise<Said> {
    const { folder, databaseUrl } = database.options
    const env = {
      ...process.env,
      DATA_DIR: dirname(folder),
      DATABASE_URL: databaseUrl ?? '',
    }
    const command = ['--import', 'tsx', 'src/cli/main.ts', 'audit', 'verify']
    return new Promise((resolve) => {
      execFile(process.execPath, command, { env }, (error, stdout) =>
        resolve({ code: error === null ? 0 : Number(error.code), lines: stdout.trim().split('\n') }),
      )
    })
  }

  it('ends with 0 where every row is as it was written, and tells where the chain ends', async () => {
    const { code, lines } = await verify()
    expect(code).toBe(0)
    expect(lines).toEqual(
      TENANTS.map((tenant): unknown =>
        expect.stringMatching(
          new RegExp(`^${tenant}: ${ROWS} rows, all as they were written; end ${ROWS} [0-9a-f]{64}$`),
        ),
      ),
    )
  }, 60_000)

  describe('after a superuser was there', () => {
    beforeAll(
      () =>
        asSuperuser(`
          update audit_log set actor = 'user:bob' where tenant = 'changed' and position = 2;
          delete from audit_log where tenant = 'removed' and position = 4;
          update audit_log set position = -1 where tenant = 'moved' and position = 1;
          update audit_log set position = 1 where tenant = 'moved' and position = 3;
          update audit_log set position = 3 where tenant = 'moved' and position = -1;`),
      60_000,
    )

    it('ends with 1 and names what was changed, removed and moved by its position', async () => {
      const { code, lines } = await verify()
      expect(code).toBe(1)
      const faults = lines.map((line) => line.replace(/ \(id \d+\)/, '').replace(/;.*/, ''))
      const bad = (tenant: string, rows = ROWS) => `${tenant}: ${rows} rows, NOT as they were written`
      expect(faults).toEqual([
        bad('changed'),
        '  row 2: changed',
        `intact: ${ROWS} rows, all as they were written`,
        bad('moved'),
        // What follows on a row that came there from elsewhere is not as it was either.
        ...[1, 2, 3, 4].map((position) => `  row ${position}: changed`),
        bad('removed', ROWS - 1),
        '  row 4: removed',
      ])
    }, 60_000)
  })
})
