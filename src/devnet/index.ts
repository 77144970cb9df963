/** A local Verida network on loopback: DID registry, schemas, storage nodes. All that it keeps lies in one folder. */
import { join } from 'node:path'
import express from 'express'
import { schemaPathsAt } from '../../schemas/index.js'
import { systemClock, type Clock } from '../lib/clock.js'
import { LocalStorageNode, type DevnetNode } from './devnet-node.js'
import { didResolver } from './did-resolution.js'
import { Listener } from './listener.js'
import { portsFor } from './ports.js'
import { DidRegistry } from './registry.js'
import { registryRpc } from './registry-rpc.js'
import { schemaRoutes } from './schema-routes.js'

export type { ControlCommand } from './control-route.js'
export type { DevnetNode } from './devnet-node.js'
export type { Fault, FaultPlace, FaultSwitch } from './faults.js'
export type { Loss } from './lose-documents.js'
export type { NodeFaults } from './node-faults.js'
export { databaseName, signVerida, userName } from './verida-signature.js'

export interface DevnetOptions {
  /** Made when missing; a network that was there before starts again with everything it had. */
  readonly folder: string
  /** Number of storage nodes. */
  readonly nodes: number
  /** The hub's port, the nodes' behind it; 0: those that the folder records, or free ones. */
  readonly port: number
  readonly host?: '127.0.0.1'
  readonly clock?: Clock
  /** Default 600. */
  readonly accessTokenLifeS?: number
  /** Default 30 days. */
  readonly refreshTokenLifeS?: number
  /** Bytes per context that `usage` reports as the limit. Default 10 MB, as Verida's. */
  readonly storageLimit?: number
  /** Opens `POST /__faults` at every storage node to this bearer token. */
  readonly controlToken?: string
}

/** A part of the network that can be away for a while. */
export interface Stoppable {
  stop(): Promise<void>
  /** On the same port. */
  start(): Promise<void>
}

export interface Devnet {
  /** The DID registry's JSON-RPC. */
  readonly rpcUrl: string
  /** Registry and schemas. */
  readonly hub: Stoppable
  readonly storageNodes: readonly DevnetNode[]
  /** Where DID documents are kept, one per storage node; with a slash at the end. */
  readonly didEndpoints: readonly string[]
  /** Serves the pinned schemas; with a slash at its end. */
  readonly schemaBase: string
  /** `schemaPaths` for Verida's client. */
  readonly schemaPaths: Readonly<Record<string, string>>
  /** A second call does nothing. */
  close(): Promise<void>
}

/** Verida's default per context. */
const STORAGE_LIMIT = 10 * 1024 * 1024

/** @throws NodeError CONFIG_INVALID for a folder made for other ports; the system's error when a port is taken */
export async function startDevnet(options: DevnetOptions): Promise<Devnet> {
  const { folder, host = '127.0.0.1', clock = systemClock, storageLimit = STORAGE_LIMIT } = options
  const ports = await portsFor(folder, options.port, options.nodes)
  const registry = new DidRegistry(join(folder, 'registry'))
  const resolve = didResolver(
    registry,
    (endpoint) => nodes.find(({ url }) => endpoint.startsWith(url))?.documents,
  )
  const nodes: readonly LocalStorageNode[] = ports.nodes.map(
    (port, at) =>
      new LocalStorageNode({
        folder: join(folder, `node-${at + 1}`),
        port,
        host,
        resolve,
        clock,
        lives: options,
        storageLimit,
        controlToken: options.controlToken,
      }),
  )
  const hub = express()
  hub.disable('x-powered-by')
  hub.use('/rpc', registryRpc(registry))
  hub.use(schemaRoutes())
  const listener = new Listener()
  const startHub = async (): Promise<void> => {
    await listener.listen(ports.hub, host, hub)
  }
  const close = async (): Promise<void> => {
    await listener.close()
    await Promise.all(nodes.map((node) => node.stop()))
  }
  try {
    await startHub()
    for (const node of nodes) await node.start()
  } catch (thrown) {
    await close()
    throw thrown
  }
  const origin = `http://${host}:${ports.hub}`
  return {
    rpcUrl: `${origin}/rpc`,
    hub: { start: startHub, stop: () => listener.close() },
    storageNodes: nodes,
    didEndpoints: nodes.map(({ url }) => `${url}did/`),
    schemaBase: `${origin}/schemas/`,
    schemaPaths: schemaPathsAt(origin),
    close,
  }
}
