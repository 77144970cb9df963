/** Providers, connections and jobs as the unified surface shows them: names in camel case, times as RFC 3339, never a credential. */
import { schemaUri } from '../../../schemas/index.js'
import {
  connectorRedirectUri,
  credentialSchema,
  presetsOf,
  signInSchema,
  type ConnectorView,
  type Ruling,
  type TestResult,
} from '../../connectors/index.js'
import { errorTable, type ErrorCode } from '../../errors.js'
import type { FoundJob, ListedJob, ProgressFeed } from '../../jobs/index.js'
import { NO_RULES, type Auth, type CatalogEntry, type Preset, type Provider } from '../../provider/index.js'
import { iconPath } from '../web/asset-routes.js'

export const time = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

export function providerJson(
  { provider, missingSettings, rules = NO_RULES }: CatalogEntry,
  publicUrl: string,
): object {
  return {
    id: provider.id,
    label: provider.label,
    description: provider.description,
    category: provider.category,
    icon: new URL(iconPath(provider.id), publicUrl).href,
    docsUrl: provider.docs ?? `https://${provider.homepage.replace(/^https?:\/\//, '')}`,
    regions: provider.regions ?? ['global'],
    enabled: rules.enabled,
    configured: missingSettings.length === 0,
    // Names, never a value.
    missingSettings,
    limits: rules.limits,
    auth: provider.auth.map((auth) => authJson(auth, provider.id, publicUrl)),
    streams: provider.streams.map(({ name, label, schema, incremental }) => ({
      name,
      label,
      schema: schemaUri(schema),
      incremental,
    })),
    presets: presetsOf(provider).map(presetJson),
    capabilities: capabilitiesJson(provider),
  }
}

const presetJson = ({ id, label, description, streams, syncFrequency, fields = {} }: Preset): object => ({
  id,
  label,
  description,
  streams: streams ?? null,
  syncFrequency: syncFrequency ?? null,
  fields,
})

function capabilitiesJson({ browse, webhooks }: Provider): object {
  return {
    containers: browse?.containerKinds ?? [],
    items: browse?.itemKinds ?? [],
    filters: browse?.filters ?? [],
    comments: browse?.comments !== undefined,
    webhooks: webhooks !== undefined,
  }
}

export function authJson(auth: Auth, id: string, publicUrl: string): object {
  return {
    kind: auth.kind,
    permissions: 'scopes' in auth ? auth.scopes : {},
    ...(auth.kind === 'oauth2' && {
      redirectUri: connectorRedirectUri(publicUrl, id),
      signInFields: signInSchema(auth),
    }),
    fields: credentialSchema(auth),
  }
}

/** For the operator. */
export const rulingJson = ({ enabled, settings, limits }: Ruling): object => ({ enabled, settings, limits })

export function connectionJson(connection: ConnectorView): object {
  return {
    id: connection.id,
    connectorId: connection.type,
    displayName: connection.displayName,
    subject: connection.subject,
    authKind: connection.authKind,
    fields: connection.fields,
    destination: connection.destination,
    status: connection.status,
    streams: connection.streams,
    syncFrequency: connection.syncFrequency,
    nextRunAt: time(connection.nextRunAtMs),
    lastSuccessAt: time(connection.lastSuccessAtMs),
    lastErrorAt: time(connection.lastErrorAtMs),
    lastError: errorJson(connection.lastErrorCode),
    consecutiveFailures: connection.consecutiveFailures,
    version: connection.version,
    createdAt: time(connection.createdAtMs),
    updatedAt: time(connection.updatedAtMs),
  }
}

export function errorJson(code: string | null): object | null {
  if (code === null) return null
  const known = Object.hasOwn(errorTable, code) ? errorTable[code as ErrorCode] : undefined
  return { code, message: known?.public ?? code }
}

export function testJson(result: TestResult): object {
  if (result.success) return { valid: true, account: result.account, problem: null }
  const { code, message, retryAfterMs } = result.error
  return {
    valid: false,
    account: null,
    problem: { code, message, ...(retryAfterMs !== undefined && { retryAfterMs }) },
  }
}

/** `feed`: of a run in this process; other processes' show in the state only. */
export function jobJson(
  job: ListedJob | FoundJob,
  connectorId: string,
  feed: ProgressFeed | undefined,
): object {
  const latest = job.state === 'running' ? feed?.latest() : undefined
  return {
    id: job.id,
    connectorId,
    connectionId: job.connectorId,
    state: job.state,
    attempts: job.attempts,
    problem: errorJson(job.errorCode),
    notBefore: time(job.notBeforeMs),
    createdAt: time(job.createdAtMs),
    progress: latest === undefined ? null : { ...latest.facts, kind: latest.kind, at: time(latest.atMs) },
  }
}
