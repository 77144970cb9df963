/** Two processes on one PostgreSQL, fifty uses of a token that has ended, and a server that ends the whole family when a refresh token comes twice: one refresh. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generateKey } from '../../src/credentials/key-ring.js'
import { generateNodeSecret } from '../../src/credentials/node-secrets.js'
import { findServerFault, makeTestDatabase, type TestDatabase } from '../support/database.js'
import { testDevnet, type TestDevnet } from '../support/devnet.js'
import { nodeProcess, type NodeProcess } from '../support/node-process.js'
import { startStrictFamily, type StrictFamily } from '../support/strict-family.js'
import { openTenant, type Tenant } from '../support/tenant.js'
import { openBrowser } from '../unit/connect/browser.js'

const USES = 25
const serverFault = await findServerFault()

const secrets = {
  VERIDA_PRIVATE_KEY: randomBytes(32).toString('hex'),
  NODE_DERIVATION_SECRET: generateNodeSecret(),
  CONNECTOR_ENCRYPTION_KEY: generateKey(),
  JWT_SHARED_SECRET: randomBytes(32).toString('base64url'),
}

describe.skipIf(serverFault !== undefined)(`a token that has ended (${serverFault ?? 'postgres'})`, () => {
  let devnet: TestDevnet
  let family: StrictFamily
  let database: TestDatabase
  let folder: string
  const nodes: NodeProcess[] = []
  const tenants: Tenant[] = []

  beforeAll(async () => {
    devnet = await testDevnet({ nodes: 1 })
    family = await startStrictFamily()
    database = await makeTestDatabase('postgres')
    folder = await mkdtemp(join(tmpdir(), 'one-refresh-'))
    for (const name of ['first', 'second']) {
      const environment = {
        ...secrets,
        NODE_ROLE: 'api',
        DATABASE_URL: database.options.databaseUrl ?? '',
        DATA_DIR: join(folder, name),
        PORT: '0',
        VERIDA_RPC_URL: devnet.rpcUrl,
        VERIDA_STORAGE_NODES: devnet.storageNodes.map(({ url }) => url).join(','),
        VERIDA_DID_ENDPOINTS: devnet.didEndpoints.join(','),
        SANDBOX_ORIGIN: family.origin,
        SANDBOX_CLIENT_SECRET: family.clientSecret,
        RATE_PER_ADDRESS: '100000',
        RATE_PER_TENANT: '100000',
      }
      const node = await nodeProcess({ environment, logFile: join(folder, `${name}.log`) })
      nodes.push(node)
      tenants.push(await openTenant(node.url, secrets.JWT_SHARED_SECRET, 'acme'))
    }
    family.welcome(`${nodes[0]!.url}/v1/oauth/sandbox/callback`)
  }, 90_000)
  afterAll(async () => {
    for (const node of nodes) await node.kill()
    await database.remove()
    await family.close()
    await devnet.close()
    await rm(folder, { recursive: true, force: true })
  }, 60_000)

  /** As a person's browser goes, from the link to the page that says it is connected. */
  async function connected(): Promise<string> {
    const asked = await tenants[0]!.call('POST', '/v1/oauth/sandbox/authorize', {})
    const { authorize_url: link, connector } = asked.json as {
      readonly authorize_url: string
      readonly connector: { readonly id: string }
    }
    const browsers = { node: openBrowser(), server: openBrowser() }
    let at = new URL(link)
    for (let hop = 0; hop < 10; hop += 1) {
      const answer = await browsers[at.origin === family.origin ? 'server' : 'node'].get(at.href)
      const location = answer.headers.get('location')
      if (location === null) {
        expect(answer.status, await answer.text()).toBe(200)
        return connector.id
      }
      at = new URL(location, at)
    }
    throw new Error('the sign-in went in circles')
  }

  it('is refreshed once by two processes with fifty uses, and the family lives on', async () => {
    const id = await connected()
    await wait(1_500)
    expect(family.refreshes).toEqual({ asked: 0, refused: 0 })
    const uses = tenants.flatMap((tenant) =>
      Array.from({ length: USES }, () => tenant.call('POST', `/v1/connectors/${id}/test`)),
    )
    const outcomes = (await Promise.all(uses)).map(({ json }) => json['success'])
    expect(outcomes).toEqual(Array.from({ length: 2 * USES }, () => true))
    expect(family.refreshes).toEqual({ asked: 1, refused: 0 })
    for (const tenant of tenants)
      expect((await tenant.call('POST', `/v1/connectors/${id}/test`)).json).toMatchObject({ success: true })
    expect(family.refreshes).toEqual({ asked: 1, refused: 0 })
  }, 60_000)
})
