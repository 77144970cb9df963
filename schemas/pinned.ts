/** The pinned schemas by URI. Reads nothing from the network: a schema that is not here does not exist for this node. */
import type { JsonSchema } from './json-schema.js'
import { pinnedFiles } from './pinned-files.js'
import { SCHEMA_HOSTS, newestUri } from './uri.js'

let pinned: ReadonlyMap<string, JsonSchema> | undefined

/** Every pinned schema by its URI. */
export function pinnedSchemas(): ReadonlyMap<string, JsonSchema> {
  pinned ??= new Map(pinnedFiles.map((schema: JsonSchema) => [schema.$id, schema]))
  return pinned
}

/**
 * The newest pinned URI of a short name such as `social/post`: Verida's common schemas first, then our own.
 * @throws RangeError when there is none.
 */
export function schemaUri(short: string): string {
  const uri = newestUri(short, pinnedSchemas().keys(), [SCHEMA_HOSTS.common, SCHEMA_HOSTS.own])
  if (uri === undefined) throw new RangeError(`there is no pinned schema named ${short}`)
  return uri
}
