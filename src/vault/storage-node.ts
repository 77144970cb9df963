/** One storage node as this node's context sees it: its databases by name; it holds no opinion about what is in them. */
import { NodeError } from '../errors.js'
import type { Clock } from '../lib/clock.js'
import { CouchDatabase } from './couch-database.js'
import { databaseHash } from './database-hash.js'
import { isObject, valueAt } from './json-shape.js'
import {
  STORAGE_HTTP_DEFAULTS,
  StorageHttp,
  type StorageAnswer,
  type StorageHttpOptions,
} from './storage-http.js'
import { StorageSession, type StorageIdentity } from './storage-session.js'

export interface StorageNodeOptions {
  /** The storage node's address, as in the DID document; a slash at its end or not. */
  readonly url: string
  readonly identity: () => Promise<StorageIdentity>
  readonly clock: Clock
  readonly http?: StorageHttpOptions
}

/** Use of this node's whole context; the limit is shared by all its owners. */
export interface StorageUsage {
  readonly bytes: number
  readonly limitBytes: number
}

export class StorageNode {
  /** With a slash at its end. */
  readonly url: string
  readonly #http: StorageHttp
  readonly #session: StorageSession

  constructor(private readonly options: StorageNodeOptions) {
    this.url = options.url.replace(/\/*$/, '/')
    this.#http = new StorageHttp(options.http ?? STORAGE_HTTP_DEFAULTS)
    this.#session = new StorageSession(this.url, this.#http, options.identity, options.clock)
  }

  /** HTTP exchanges so far. */
  get calls(): number {
    return this.#http.calls
  }

  /** A database of this node's context, whether it exists or not. */
  async database(name: string, signal?: AbortSignal): Promise<CouchDatabase> {
    const { did, contextName } = await this.options.identity()
    return new CouchDatabase(this.#session, this.url, databaseHash(did, contextName, name), signal)
  }

  /** Makes a database, or finds it made, and grants it to `members` (DIDs) for reading and writing. @throws NodeError */
  async createDatabase(name: string, members: readonly string[], signal?: AbortSignal): Promise<void> {
    const grant = { databaseName: name, options: { permissions: permissionsFor(members) } }
    const made = await this.#session.api('user/createDatabase', grant, signal)
    if (isSuccess(made)) return
    // It may exist from a run that was cut off before it was granted.
    const granted = await this.#session.api('user/updateDatabase', grant, signal)
    if (!isSuccess(granted)) throw this.failure('createDatabase', made)
  }

  async updateDatabase(name: string, members: readonly string[]): Promise<void> {
    await this.call('updateDatabase', {
      databaseName: name,
      options: { permissions: permissionsFor(members) },
    })
  }

  /** Deletes a database; one that is not there is deleted. */
  async deleteDatabase(name: string): Promise<void> {
    const answer = await this.#session.api('user/deleteDatabase', { databaseName: name })
    if (isSuccess(answer)) return
    const info = await (await this.database(name)).info()
    if (info !== undefined) throw this.failure('deleteDatabase', answer)
  }

  async databaseInfo(name: string): Promise<unknown> {
    return valueAt((await this.call('databaseInfo', { databaseName: name })).body, 'result')
  }

  /** Asks the node to keep these databases in step with its peers for the next 20 minutes. */
  async pingDatabases(names: readonly string[]): Promise<void> {
    const { did, contextName } = await this.options.identity()
    const databaseHashes = names.map((name) => databaseHash(did, contextName, name))
    await this.call('pingDatabases', { databaseHashes, did, contextName })
  }

  async usage(): Promise<StorageUsage> {
    const { body } = await this.call('usage', {})
    return {
      bytes: Number(valueAt(body, 'result', 'bytes') ?? 0),
      limitBytes: Number(valueAt(body, 'result', 'storageLimit') ?? 0),
    }
  }

  async close(): Promise<void> {
    await this.#http.close()
  }

  private async call(
    name: string,
    body: { readonly [key: string]: string | readonly string[] | object },
  ): Promise<StorageAnswer> {
    const answer = await this.#session.api(`user/${name}`, body as never)
    if (!isSuccess(answer)) throw this.failure(name, answer)
    return answer
  }

  private failure(name: string, answer: StorageAnswer): NodeError {
    return new NodeError('STORAGE_UNREACHABLE', { detail: `${this.url}: ${name} answered ${answer.status}` })
  }
}

function permissionsFor(members: readonly string[]) {
  const dids = members.map((did) => did.toLowerCase())
  return { read: 'users', write: 'users', readList: dids, writeList: dids } as const
}

const isSuccess = ({ status, body }: StorageAnswer): boolean =>
  status === 200 && isObject(body) && body['status'] === 'success'
