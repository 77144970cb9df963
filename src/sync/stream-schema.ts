/** The schema that a stream writes, as the full URI of a pinned one. */
import { schemaUri } from '../../schemas/index.js'
import { NodeError } from '../errors.js'
import type { AnyStream, Provider } from '../provider/index.js'
import type { SchemaUri } from './record.js'

/** @throws NodeError SCHEMA_MISSING when it is not pinned */
export function streamSchema(
  provider: Pick<Provider, 'id'>,
  stream: Pick<AnyStream, 'name' | 'schema'>,
): SchemaUri {
  try {
    return schemaUri(stream.schema)
  } catch (cause) {
    const detail = `${provider.id} writes ${stream.name} as ${stream.schema}, which is not pinned in schemas/`
    throw new NodeError('SCHEMA_MISSING', { detail, cause })
  }
}

/** Schema URIs that a provider writes, each once. @throws NodeError SCHEMA_MISSING */
export function providerSchemas(provider: Pick<Provider, 'id' | 'streams'>): readonly SchemaUri[] {
  return [...new Set(provider.streams.map((stream) => streamSchema(provider, stream)))]
}
