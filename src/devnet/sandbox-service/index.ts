/** The outside service that the sandbox provider talks to: an OAuth 2.0 server and an API over made-up content, on loopback. */
import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock, type Clock } from '../../lib/clock.js'
import { sandboxAdmin, type SandboxAdmin } from './admin.js'
import { DataApi } from './api/data-api.js'
import { LookApi } from './api/look-api.js'
import { sandboxApp } from './app.js'
import { expectedOf, type Expected } from './content/expected.js'
import { people, type Person } from './content/people.js'
import { Counters } from './counters.js'
import { Faults } from './faults.js'
import { Authorize } from './oauth/authorize.js'
import { CLIENT_ID } from './oauth/client.js'
import { Grants } from './oauth/grants.js'
import { openState, type State } from './state.js'
import { Webhooks } from './webhooks.js'
import { World, type Content } from './world.js'

export type { ItemAddress, SandboxAdmin } from './admin.js'
export { approve, type Decision } from './approve.js'
export type { Expected, ExpectedCounts } from './content/expected.js'
export type { Person } from './content/people.js'
export type { Counts } from './counters.js'
export type { Fault, FaultSwitch, RouteName } from './faults.js'
export type { StreamName } from './world.js'

export interface SandboxOptions {
  /** 0 takes a free one. */
  readonly port: number
  readonly host: '127.0.0.1'
  /** Where tokens (as hashes), the client and changes are kept over a restart; nothing is kept without it. */
  readonly folder?: string
  /** Other seeds give other texts and names under the same ids. Default: `sandbox`. */
  readonly seed?: string
  /** Items per person. Defaults: 2400, 300, 200, 150. */
  readonly posts?: number
  readonly followings?: number
  readonly files?: number
  readonly events?: number
  /** Rows per page. Default 100. */
  readonly pageSize?: number
  /** Default 3600. */
  readonly accessTokenLifeS?: number
  readonly client?: {
    /** The name people read at the consent page. Default: `Data connector node`. */
    readonly name?: string
    /** Made up (and kept in `folder`) when missing. */
    readonly secret?: string
    /** Addresses that codes may be sent to; more by `admin.registerRedirectUri`. */
    readonly redirectUris?: readonly string[]
  }
  /** Serves the commands of `admin` at POST /admin/<command> to callers with this bearer token. */
  readonly adminToken?: string
  readonly clock?: Clock
}

export interface SandboxService {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly origin: string
  readonly port: number
  readonly client: { readonly id: string; readonly secret: string; readonly redirectUris: readonly string[] }
  readonly people: readonly Person[]
  /** What each person's streams hold before any command: items, and how many are broken or left out. */
  readonly expected: Expected
  readonly admin: SandboxAdmin
  /** Ends open connections and stops listening; a second call does nothing. */
  close(): Promise<void>
}

/** Starts the service. @throws NodeError CONFIG_INVALID when its state file is damaged; the system's error when the port is taken. */
export async function startSandboxService(options: SandboxOptions): Promise<SandboxService> {
  const {
    clock = systemClock,
    client: wanted = {},
    seed = 'sandbox',
    posts = 2_400,
    followings = 300,
    files = 200,
    events = 150,
  } = options
  const content: Content = { seed, posts, followings, files, events }
  const file = await openState(options.folder, freshState())
  if (wanted.secret !== undefined) file.state.client.secret = wanted.secret
  file.state.client.redirectUris = [
    ...new Set([...file.state.client.redirectUris, ...(wanted.redirectUris ?? [])]),
  ]

  const counters = new Counters()
  const faults = new Faults()
  const webhooks = new Webhooks(file, clock)
  const world = new World(content, file, clock, (personId, stream) => webhooks.tell(personId, stream))
  const grants = new Grants({ file, clock, counters, accessTokenLifeS: options.accessTokenLifeS ?? 3_600 })
  await file.save()

  const known = { client: { id: CLIENT_ID, name: wanted.name ?? 'Data connector node' }, file }
  const admin = sandboxAdmin({ world, faults, counters, grants, file, webhooks })
  let origin = ''
  const app = sandboxApp({
    known,
    grants,
    faults,
    counters,
    clock,
    admin,
    webhooks,
    data: new DataApi({ world, pageSize: options.pageSize ?? 100, origin: () => origin }),
    look: new LookApi({ world, seed, pageSize: options.pageSize ?? 100 }),
    authorize: new Authorize({ known, grants, clock, issuer: () => origin }),
    ...(options.adminToken !== undefined && { adminToken: options.adminToken }),
  })
  const server = createServer(app)
  const port = await listen(server, options.port, options.host)
  origin = `http://${options.host}:${port}`
  return {
    origin,
    port,
    client: { id: CLIENT_ID, ...file.state.client },
    people,
    get expected() {
      return expectedOf(content)
    },
    admin,
    close: () => close(server),
  }
}

function freshState(): State {
  return {
    version: 1,
    client: { secret: randomBytes(24).toString('base64url'), redirectUris: [] },
    grants: {},
    codes: {},
    accessTokens: {},
    refreshTokens: {},
    content: { made: '', epoch: 0 },
    changes: {},
    webhooks: {},
  }
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

function close(server: Server): Promise<void> {
  if (!server.listening) return Promise.resolve()
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()))
    server.closeAllConnections()
  })
}
