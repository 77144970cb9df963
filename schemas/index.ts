/** The data schemas this node writes and serves, pinned: no schema is fetched while it runs. */
export type { JsonSchema } from './json-schema.js'
export { pinnedSchemas, schemaUri } from './pinned.js'
export { SCHEMA_BASE_URL, SCHEMA_HOSTS, schemaPath, schemaPathsAt } from './uri.js'
export { createValidator, type Validation, type ValidationFault, type Validator } from './validator.js'
