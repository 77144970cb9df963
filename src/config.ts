/** The settings of a node, read once from the environment; the only reader of process.env. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import { NodeError } from './errors.js'
import { Redacted } from './lib/redacted.js'
import { settingName, type SettingsShape, type SettingsOf } from './provider/settings.js'

type Environment = Readonly<Record<string, string | undefined>>

const number = (fallback: number, min = 0, max = Number.MAX_SAFE_INTEGER) =>
  z.coerce.number().int().min(min).max(max).default(fallback)
const flag = (fallback: boolean) =>
  z
    .enum(['1', '0', 'true', 'false', 'on', 'off'])
    .transform((text) => ['1', 'true', 'on'].includes(text))
    .default(fallback)
const list = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  )
  .default([])
const httpUrl = z.url({ protocol: /^https?$/ })
const urls = list.pipe(z.array(httpUrl))
/** As a browser names an origin: without a path, in lower case, without a default port. */
const isOrigin = (text: string): boolean =>
  /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text
const origins = list.pipe(
  z.array(z.string().refine(isOrigin, 'must be an origin, such as https://app.example')),
)
/** RFC 7518 3.2: a key of HS256 has at least the size of its hash. */
const longSecret = z.string().min(32, 'must have at least 32 characters')
const hexKey = z.string().regex(/^(0x)?[0-9a-fA-F]{64}$/, 'must be 32 bytes in hexadecimal form')

const shape = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  HOST: z.string().default('127.0.0.1'),
  PORT: number(5021, 0, 65535),
  PUBLIC_URL: httpUrl.optional(),
  DATA_DIR: z.string().default('./data'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  NODE_ROLE: z.enum(['all', 'api', 'worker']).default('all'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  LOG_JSON: flag(true),

  VERIDA_NETWORK: z.enum(['mainnet', 'testnet', 'devnet']).default('testnet'),
  VERIDA_RPC_URL: httpUrl.optional(),
  VERIDA_PRIVATE_KEY: hexKey.optional(),
  VERIDA_CONTEXT_NAME: z.string().min(1).default('Verida: Data Connector'),
  VERIDA_STORAGE_NODES: urls,
  VERIDA_DID_ENDPOINTS: urls,
  VERIDA_GAS_KEY: hexKey.optional(),
  NODE_DERIVATION_SECRET: z.string().optional(),
  CONNECTOR_ENCRYPTION_KEY: z.string().optional(),

  VERIFY_NODES: z.union([z.literal('all'), z.coerce.number().int().min(1)]).default('all'),
  VERIFY: z.enum(['sample', 'full']).default('sample'),
  STAGING_MAX_MB: number(1024, 1),
  SLICE_MS: number(20_000, 100),
  SLICE_RECORDS: number(5_000, 1),
  SLICE_MB: number(64, 1),
  MAX_CONCURRENT_SYNCS: number(16, 1),
  SYNCS_PER_TENANT: number(4, 1),
  SIGN_RECORDS: flag(true),

  VAULT_LEGACY_GET: flag(true),
  VAULT_DEEP_LINK: httpUrl.optional(),
  REDIRECT_ORIGINS: urls,
  SCHEMA_BASE_URL: httpUrl.default('https://schemas.connector-node.org/'),
  TRUST_PROXY: number(0, 0, 10),
  RATE_PER_ADDRESS: number(60, 1),
  RATE_PER_DID: number(120, 1),

  JWT_SHARED_SECRET: longSecret.optional(),
  JWT_JWKS_URL: httpUrl.optional(),
  JWT_ISSUER: z.string().min(1).optional(),
  JWT_AUDIENCE: z.string().min(1).optional(),
  OPERATOR_TOKEN: longSecret.optional(),
  CORS_ORIGINS: origins,
  RATE_PER_TENANT: number(600, 1),

  DEVNET_PORT: number(5030, 0, 65000),
  DEVNET_NODES: number(2, 1, 9),
  SANDBOX_PORT: number(5029, 0, 65535),
})

const SECRETS = [
  'VERIDA_PRIVATE_KEY',
  'VERIDA_GAS_KEY',
  'NODE_DERIVATION_SECRET',
  'CONNECTOR_ENCRYPTION_KEY',
  'JWT_SHARED_SECRET',
  'OPERATOR_TOKEN',
] as const
type SecretName = (typeof SECRETS)[number]
type Plain = Omit<z.output<typeof shape>, SecretName>

/** Names are those of `.env.example`. `*_URL` and lists are checked; secrets print as hidden. */
export interface Config extends Plain, Readonly<Record<SecretName, Redacted | undefined>> {
  /** Absolute. */
  readonly dataDir: string
  /** No storage nodes configured: the node brings its own local network and development identity. */
  readonly embedded: boolean
  readonly production: boolean
  /** Values of a provider's settings, or the names of those that are missing. */
  providerSettings<S extends SettingsShape>(id: string, shape: S): ProviderSettings<S>
}

export type ProviderSettings<S extends SettingsShape> =
  | { readonly kind: 'set'; readonly settings: SettingsOf<S> }
  | { readonly kind: 'missing'; readonly names: readonly string[] }

/**
 * Reads and checks all settings. `NAME_FILE` gives a secret from a file.
 * @throws NodeError CONFIG_INVALID with one message that lists every fault.
 */
export function readConfig(environment: Environment = process.env): Config {
  const faults: string[] = []
  const present = fromFiles(withoutEmpty(environment), faults)
  const parsed = shape.safeParse(present)
  if (!parsed.success)
    faults.push(...parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`))
  const values = parsed.data
  if (values) faults.push(...tokenFaults(values), ...productionFaults(values))
  if (values && values.NODE_ROLE !== 'all' && values.DATABASE_URL === undefined)
    faults.push('NODE_ROLE: more than one process needs DATABASE_URL')
  if (!values || faults.length > 0) {
    throw new NodeError('CONFIG_INVALID', {
      detail: `settings are not valid:\n- ${faults.join('\n- ')}\nSee .env.example.`,
    })
  }
  const secrets = Object.fromEntries(
    SECRETS.map((name) => [name, values[name] === undefined ? undefined : new Redacted(values[name])]),
  ) as Record<SecretName, Redacted | undefined>
  return {
    ...values,
    ...secrets,
    dataDir: resolve(values.DATA_DIR),
    embedded: values.VERIDA_STORAGE_NODES.length === 0,
    production: values.NODE_ENV === 'production',
    providerSettings: (id, settings) => readProviderSettings(present, id, settings),
  }
}

function withoutEmpty(environment: Environment): Record<string, string> {
  const entries = Object.entries(environment).filter((entry): entry is [string, string] =>
    Boolean(entry[1]?.trim()),
  )
  return Object.fromEntries(entries)
}

function fromFiles(environment: Record<string, string>, faults: string[]): Record<string, string> {
  const values = { ...environment }
  for (const name of SECRETS) {
    const file = environment[`${name}_FILE`]
    if (file === undefined) continue
    try {
      values[name] = readFileSync(file, 'utf8').trim()
    } catch {
      faults.push(`${name}_FILE: cannot be read`)
    }
  }
  return values
}

/** Whose tokens pass must be plain: one source of keys, and with an issuer that serves others too, only what it made for this node. */
function tokenFaults(values: z.output<typeof shape>): string[] {
  const { JWT_JWKS_URL: keySet, JWT_SHARED_SECRET: secret } = values
  if (keySet === undefined) return []
  const faults: string[] = []
  if (secret !== undefined) faults.push('JWT_JWKS_URL: give it or JWT_SHARED_SECRET, not both')
  for (const name of ['JWT_ISSUER', 'JWT_AUDIENCE'] as const)
    if (values[name] === undefined) faults.push(`${name}: is needed with JWT_JWKS_URL`)
  if (values.NODE_ENV === 'production' && !keySet.startsWith('https:'))
    faults.push('JWT_JWKS_URL: must be https in production')
  return faults
}

function productionFaults(values: z.output<typeof shape>): string[] {
  if (values.NODE_ENV !== 'production') return []
  const faults: string[] = []
  const needed = [
    'PUBLIC_URL',
    'VERIDA_RPC_URL',
    'VERIDA_PRIVATE_KEY',
    'NODE_DERIVATION_SECRET',
    'CONNECTOR_ENCRYPTION_KEY',
  ] as const
  for (const name of needed) if (values[name] === undefined) faults.push(`${name}: is needed in production`)
  if (values.VERIDA_STORAGE_NODES.length === 0) faults.push('VERIDA_STORAGE_NODES: is needed in production')
  if (values.PUBLIC_URL && !values.PUBLIC_URL.startsWith('https:'))
    faults.push('PUBLIC_URL: must be https in production')
  return faults
}

function readProviderSettings<S extends SettingsShape>(
  environment: Environment,
  id: string,
  shape: S,
): ProviderSettings<S> {
  const missing: string[] = []
  const entries = Object.entries(shape).map(([key, setting]) => {
    const name = settingName(id, key)
    const value = environment[name] ?? ('fallback' in setting ? setting.fallback : undefined)
    if (value === undefined && !setting.optional) missing.push(name)
    const known = value === undefined ? undefined : setting.kind === 'origin' ? new URL(value).origin : value
    return [key, setting.kind === 'secret' && known !== undefined ? new Redacted(known) : known] as const
  })
  if (missing.length > 0) return { kind: 'missing', names: missing }
  return { kind: 'set', settings: Object.fromEntries(entries) as SettingsOf<S> }
}
