/** One storage node of the local network: its address, its start and stop, its faults. */
import express from 'express'
import type { Clock } from '../lib/clock.js'
import type { DidDocuments } from './did-documents.js'
import type { ResolveDid } from './did-resolution.js'
import { controlRoute } from './control-route.js'
import { faultGate } from './fault-gate.js'
import { FaultSwitches } from './faults.js'
import { Listener } from './listener.js'
import { loseDocuments } from './lose-documents.js'
import type { NodeFaults } from './node-faults.js'
import { ADMIN_USER } from './storage/identify.js'
import { nodeSecrets } from './storage/secrets.js'
import { couchUrlOf, StorageServer } from './storage/storage-server.js'
import type { TokenLives } from './storage/tokens.js'

export interface DevnetNode {
  /** With a slash at its end: as a DID document's endpoint names it. */
  readonly url: string
  /** Its CouchDB side, without a slash at its end. */
  readonly couchUrl: string
  /** CouchDB's server admin. */
  readonly admin: { readonly name: string; readonly password: string }
  readonly folder: string
  readonly faults: NodeFaults
  readonly running: boolean
  /** Ends open connections; what is stored stays. A second call does nothing. */
  stop(): Promise<void>
  /** On the same port, from what is on disk. A second call does nothing. */
  start(): Promise<void>
}

export interface DevnetNodeOptions {
  readonly folder: string
  readonly port: number
  readonly host: string
  readonly resolve: ResolveDid
  readonly clock: Clock
  readonly lives: TokenLives
  readonly storageLimit: number
  /** Without one there is no control route. */
  readonly controlToken: string | undefined
}

export class LocalStorageNode implements DevnetNode {
  readonly url: string
  readonly couchUrl: string
  readonly admin: { readonly name: string; readonly password: string }
  readonly folder: string
  readonly faults: NodeFaults
  readonly #switches = new FaultSwitches()
  readonly #listener = new Listener()
  #server: StorageServer | undefined

  constructor(private readonly options: DevnetNodeOptions) {
    this.url = `http://${options.host}:${options.port}/`
    this.couchUrl = couchUrlOf(this.url)
    this.folder = options.folder
    this.admin = { name: ADMIN_USER, password: nodeSecrets(options.folder).adminPassword }
    this.faults = {
      set: (...switches) => this.#switches.set(...switches),
      clear: () => this.#switches.clear(),
      lose: (loss) => loseDocuments(this.server().databases, loss),
      expireTokens: ({ refresh = false } = {}) => this.server().tokens.expireAll(refresh),
    }
  }

  get running(): boolean {
    return this.#server !== undefined
  }

  /** While it runs. */
  get documents(): DidDocuments | undefined {
    return this.#server?.documents
  }

  async start(): Promise<void> {
    if (this.#server !== undefined) return
    const { folder, port, host, resolve, clock, lives, storageLimit, controlToken } = this.options
    const gate = faultGate(this.#switches)
    const server = new StorageServer({ folder, url: this.url, resolve, clock, lives, storageLimit, gate })
    const app = express()
    app.disable('x-powered-by')
    app.disable('etag')
    if (controlToken !== undefined) app.use(controlRoute(this.faults, controlToken))
    app.use(server.router)
    this.#server = server
    try {
      await this.#listener.listen(port, host, app)
    } catch (thrown) {
      await this.stop()
      throw thrown
    }
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    await this.#listener.close()
    await server.close()
  }

  private server(): StorageServer {
    if (this.#server === undefined) throw new Error(`${this.url} is stopped`)
    return this.#server
  }
}
