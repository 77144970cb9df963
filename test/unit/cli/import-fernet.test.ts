/** `connector-node keys import-fernet`: each line is here afterwards or not at all, once, and every refusal says why without a secret. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { provider as sandboxProvider } from '../../../providers/sandbox/index.js'
import { importFernet } from '../../../src/cli/import-fernet.js'
import { readConfig, type Config } from '../../../src/config.js'
import { generateKey } from '../../../src/credentials/key-ring.js'
import { Redacted } from '../../../src/lib/redacted.js'
import type { Catalog } from '../../../src/provider/index.js'
import { connectorCredentials, connectors, openStore } from '../../../src/store/index.js'
import { prepareStoreFolder } from '../../support/database.js'
import { sealFernet } from '../../support/fernet.js'
import { whilePrinting } from '../../support/printed.js'
import { openConnectorBench, type ConnectorBench } from '../connectors/bench.js'

const NODE_KEY = generateKey()
const THEIR_KEY = generateKey()
let folder = ''
let bench: ConnectorBench
let config: Config
let catalog: Catalog
let good: object

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fernet-'))
  await prepareStoreFolder(join(folder, 'store'))
  bench = await openConnectorBench()
  const { origin, client } = bench.sandbox
  const settings = { origin, clientId: client.id, clientSecret: new Redacted(client.secret) }
  catalog = [{ provider: sandboxProvider, settings, missingSettings: [] }]
  config = readConfig({ DATA_DIR: folder, CONNECTOR_ENCRYPTION_KEY: NODE_KEY, LOG_LEVEL: 'silent' })
  await writeFile(join(folder, 'their-key'), THEIR_KEY)
  good = await bench.tokens()
}, 60_000)
afterAll(async () => {
  await bench.close()
  await rm(folder, { recursive: true })
})

const lineOf = (facts: object, key = THEIR_KEY): object => ({
  tenant: 'acme',
  type: 'sandbox',
  display_name: 'Taken over',
  config: sealFernet(key, JSON.stringify(facts)),
})

async function run(lines: readonly unknown[], dryRun = false) {
  const file = join(folder, 'lines.jsonl')
  await writeFile(
    file,
    lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
  )
  let exit = -1
  const printed = await whilePrinting(async () => {
    exit = await importFernet({ file, dryRun, keyFile: join(folder, 'their-key') }, config, catalog)
  })
  return { exit, printed }
}

async function stored() {
  const store = await openStore({ folder: join(folder, 'store') })
  try {
    return await store.tenant('acme', async (tx) => {
      const rows = await connectors.list(tx, { limit: 50 })
      const sealed = await Promise.all(rows.map(({ id }) => connectorCredentials.list(tx, id)))
      return { rows, sealed: sealed.flat() }
    })
  } finally {
    await store.close()
  }
}

describe('an import of Fernet tokens', () => {
  it('tries everything out without writing, and refuses each bad line by its number', async () => {
    const { exit, printed } = await run(
      [
        lineOf(good),
        'no json',
        lineOf({ access_token: 'marker-5511', client_secret: 'marker-5512' }),
        lineOf(good, generateKey()),
        { ...lineOf(good), type: 'nowhere' },
        { ...lineOf(good), tenant: 'a tenant' },
        lineOf([]),
      ],
      true,
    )
    expect(exit).toBe(1)
    expect(printed).toEqual([
      'line 1: would be made',
      expect.stringMatching(/^line 2: refused: REQUEST_INVALID: /),
      'line 3: refused: REQUEST_INVALID: config has members that are not known here',
      'line 4: refused: SEAL_FAILED: no key of the ring opens this Fernet token',
      'line 5: refused: REQUEST_INVALID: connector_type is not in the catalog',
      'line 6: refused: REQUEST_INVALID: tenant is no name of a tenant',
      'line 7: refused: REQUEST_INVALID: config holds no JSON object with members',
    ])
    expect(printed.join()).not.toContain('marker-')
    expect((await stored()).rows).toEqual([])
  })

  it('makes what the provider takes and nothing of what it refuses; the same file again makes nothing twice', async () => {
    const lines = [lineOf(good), lineOf({ access_token: 'sbx_at_of-nobody' })]
    const first = await run(lines)
    expect(first.exit).toBe(1)
    expect(first.printed[0]).toMatch(/^line 1: made [0-9a-f-]{36}$/)
    expect(first.printed[1]).toMatch(/^line 2: refused: REQUEST_INVALID: /)
    const { rows, sealed } = await stored()
    expect(rows).toMatchObject([{ displayName: 'Taken over', status: 'active', tenant: 'acme' }])
    expect(sealed.map(({ field }) => field)).toEqual(['account', 'tokens'])
    expect(sealed.every((row) => row.sealed.startsWith('v1.'))).toBe(true)

    const again = await run(lines)
    expect(again.printed[0]).toBe(`line 1: already there ${rows[0]!.id}`)
    expect((await stored()).rows).toHaveLength(1)
  })
})
