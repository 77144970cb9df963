/** The databases of a DID's context on one storage node: making, granting, deleting, measuring. Speaks no HTTP. */
import type { Databases } from '../couch/databases.js'
import { databaseInfo, type DatabaseInfo } from '../couch/database-info.js'
import { databaseName } from '../verida-signature.js'
import { ApiRefused } from './answer.js'
import { entryFor, type Permissions, type StorageEntry } from './permissions.js'
import type { Caller } from './tokens.js'

/** A context's use of this node. */
export type Usage = {
  readonly databases: number
  readonly bytes: number
  readonly storageLimit: number
  /** A share of the limit, despite its name: 1 is full. */
  readonly usagePercent: number
}

export interface UserDatabase {
  readonly did: string
  readonly contextName: string
  readonly databaseName: string
  readonly databaseHash: string
  readonly permissions: Permissions
}

export class UserDatabases {
  constructor(
    private readonly databases: Databases<StorageEntry>,
    private readonly storageLimit: number,
  ) {}

  /** Makes a database, or grants the one that exists anew: Verida's nodes take both for success. @returns its hash */
  async create(owner: Caller, name: string, permissions: Permissions): Promise<string> {
    this.requireRoom(owner)
    const hash = hashOf(owner, name)
    const entry = entryFor(owner, name, permissions)
    if (this.databases.find(hash) === undefined) await this.databases.create(hash, entry)
    else this.databases.setAccess(hash, entry)
    return hash
  }

  /** @throws ApiRefused when there is none */
  update(owner: Caller, name: string, permissions: Permissions): void {
    this.requireRoom(owner)
    const hash = hashOf(owner, name)
    if (this.databases.find(hash) === undefined) throw new ApiRefused(500, 'Database does not exist.')
    this.databases.setAccess(hash, entryFor(owner, name, permissions))
  }

  /** @throws ApiRefused when there is none */
  async delete(owner: Caller, name: string): Promise<void> {
    const hash = hashOf(owner, name)
    if (this.databases.find(hash) === undefined) throw new ApiRefused(500, 'Database does not exist.')
    await this.databases.destroy(hash)
  }

  /** @returns the names of what was deleted */
  async deleteAll(owner: Caller): Promise<readonly string[]> {
    const all = this.list(owner)
    for (const { databaseHash } of all) await this.databases.destroy(databaseHash)
    return all.map((one) => one.databaseName)
  }

  list(owner: Caller): readonly UserDatabase[] {
    return this.databases.list().flatMap(([databaseHash, { grant }]) => {
      if (grant?.owner.did !== owner.did || grant.owner.contextName !== owner.contextName) return []
      const { permissions, databaseName: name } = grant
      return [{ ...owner, databaseName: name, databaseHash, permissions }]
    })
  }

  /** The database with its facts, or `undefined`. */
  async info(
    owner: Caller,
    name: string,
  ): Promise<(Omit<UserDatabase, 'databaseHash'> & { readonly info: DatabaseInfo }) | undefined> {
    const hash = hashOf(owner, name)
    const grant = this.databases.find(hash)?.grant
    if (grant === undefined) return undefined
    const info = await this.databases.use(hash, databaseInfo)
    return { ...owner, databaseName: name, permissions: grant.permissions, info }
  }

  usage(owner: Caller): Usage {
    const all = this.list(owner)
    const bytes = all.reduce((sum, { databaseHash }) => sum + this.databases.sizeOf(databaseHash), 0)
    const usagePercent = Number((bytes / this.storageLimit).toFixed(4))
    return { databases: all.length, bytes, storageLimit: this.storageLimit, usagePercent }
  }

  /** Verida's node compares the share with 100, so that it takes a hundred times the limit that it states. */
  private requireRoom(owner: Caller): void {
    if (this.usage(owner).usagePercent >= 100) throw new ApiRefused(400, 'Storage limit reached')
  }
}

const hashOf = ({ did, contextName }: Caller, name: string): string => databaseName(did, contextName, name)
