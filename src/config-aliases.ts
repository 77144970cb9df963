/** Settings by the names that an earlier file connector gave them. A setting by its own name goes first. */
const NAMES: Readonly<Record<string, string>> = {
  CONNECTOR_ENVIRONMENT: 'NODE_ENV',
  CONNECTOR_LOG_LEVEL: 'LOG_LEVEL',
  CONNECTOR_MAX_CONCURRENT_SYNCS: 'MAX_CONCURRENT_SYNCS',
  CONNECTOR_AUTODESK_CLIENT_ID: 'AUTODESK_CONSTRUCTION_CLOUD_CLIENT_ID',
  CONNECTOR_AUTODESK_CLIENT_SECRET: 'AUTODESK_CONSTRUCTION_CLOUD_CLIENT_SECRET',
}

/** As other programs call what we call otherwise. */
const VALUES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  NODE_ENV: { dev: 'development', testing: 'test', prod: 'production' },
  LOG_LEVEL: { warning: 'warn', critical: 'fatal' },
}

const SUPABASE = 'CONNECTOR_SUPABASE_URL'

export function withAliases(environment: Record<string, string>, faults: string[]): Record<string, string> {
  const values = { ...environment }
  for (const [alias, name] of Object.entries(NAMES)) {
    const given = environment[alias]
    if (given === undefined || values[name] !== undefined) continue
    const known = VALUES[name]
    const plain = known === undefined ? given : given.trim().toLowerCase()
    values[name] = known?.[plain] ?? plain
  }
  // Its keys open the gateway of a project; the node keeps its tables by a connection of its own.
  if (environment[SUPABASE] !== undefined && environment['DATABASE_URL'] === undefined)
    faults.push(
      `${SUPABASE}: the node works on the project's database itself: set DATABASE_URL to its connection string (direct, or ` +
        'the pooler in session mode); CONNECTOR_SUPABASE_ANON_KEY and CONNECTOR_SUPABASE_SERVICE_ROLE_KEY are not needed',
    )
  return values
}
