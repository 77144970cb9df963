/** The settings of a node, read once from the environment; the only reader of process.env. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import { withAliases } from './config-aliases.js'
import { NodeError } from './errors.js'
import { readSender } from './lib/mail-address.js'
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
/** Addresses of the node that stand at its root. */
const ROOT_PATHS = new Set(
  (
    'v1 auth callback connect disconnect sync syncdone syncs syncstart syncstatus providers schemas assets dev docs ' +
    'health healthz readyz status metrics webhooks openapi.json'
  ).split(' '),
)
const apiPrefix = z
  .string()
  .regex(/^(\/[A-Za-z0-9._~-]+)+$/, 'must be a path such as /api, without a slash at the end')
  .refine(
    (path) => !ROOT_PATHS.has((path.split('/')[1] ?? '').toLowerCase()),
    'is an address of the node itself',
  )
const smtpUrl = z.url({ protocol: /^smtps?$/ })
/** One mailbox: `Name <address>`, or the address alone. */
const sender = z
  .string()
  .refine((text) => readSender(text) !== undefined, 'must be an address, or a name and <address>')
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
  DATABASE_ADMIN_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  NODE_ROLE: z.enum(['all', 'api', 'worker']).default('all'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  LOG_JSON: flag(true),
  LOG_FILE: z.string().min(1).optional(),

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
  PROVIDER_CREDENTIALS: z.string().optional(),
  JWT_JWKS_URL: httpUrl.optional(),
  JWT_ISSUER: z.string().min(1).optional(),
  JWT_AUDIENCE: z.string().min(1).optional(),
  OPERATOR_TOKEN: longSecret.optional(),
  CORS_ORIGINS: origins,
  RATE_PER_TENANT: number(600, 1),
  API_PREFIX: apiPrefix.default('/api'),
  ALLOW_TOKEN_READ: flag(false),
  WEBHOOK_ALLOW_ORIGINS: origins,
  CONNECTORS_PER_TENANT: number(1_000, 1),

  SMTP_URL: smtpUrl.optional(),
  MAIL_FROM: sender.optional(),
  INVITATION_HOURS: number(48, 1, 720),

  DEVNET_PORT: number(5030, 0, 65000),
  DEVNET_NODES: number(2, 1, 9),
  SANDBOX_PORT: number(5029, 0, 65535),
})

const SECRETS = [
  'VERIDA_PRIVATE_KEY',
  'DATABASE_ADMIN_URL',
  'VERIDA_GAS_KEY',
  'NODE_DERIVATION_SECRET',
  'CONNECTOR_ENCRYPTION_KEY',
  'JWT_SHARED_SECRET',
  'OPERATOR_TOKEN',
  'SMTP_URL',
  'PROVIDER_CREDENTIALS',
] as const
type SecretName = (typeof SECRETS)[number]
type Plain = Omit<z.output<typeof shape>, SecretName>

/** Names are those of `.env.example`. `*_URL` and lists are checked; secrets print as hidden. */
export interface Config extends Plain, Readonly<Record<SecretName, Redacted | undefined>> {
  /** Absolute. */
  readonly dataDir: string
  /** Where CONNECTOR_ENCRYPTION_KEY was read from, when it was a file: it is read again while the node serves. */
  readonly keyFile: string | undefined
  /** No storage nodes configured: the node brings its own local network and development identity. */
  readonly embedded: boolean
  readonly production: boolean
  /** Values of a provider's settings, or the names of those that are missing. `overrides` go before the environment's. */
  providerSettings<S extends SettingsShape>(
    id: string,
    shape: S,
    overrides?: Readonly<Record<string, string>>,
  ): ProviderSettings<S>
}

export type ProviderSettings<S extends SettingsShape> =
  | { readonly kind: 'set'; readonly settings: SettingsOf<S> }
  /** `settings` has those that are set, and not the others. */
  | { readonly kind: 'missing'; readonly names: readonly string[]; readonly settings: SettingsOf<S> }

/**
 * Reads and checks all settings. `NAME_FILE` gives a secret from a file.
 * @throws NodeError CONFIG_INVALID with one message that lists every fault.
 */
export function readConfig(environment: Environment = process.env): Config {
  const faults: string[] = []
  const present = fromFiles(withAliases(withoutEmpty(environment), faults), faults)
  const parsed = shape.safeParse(present)
  if (!parsed.success)
    faults.push(...parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`))
  const values = parsed.data
  if (values) faults.push(...tokenFaults(values), ...productionFaults(values))
  if (values && values.NODE_ROLE !== 'all' && values.DATABASE_URL === undefined)
    faults.push('NODE_ROLE: more than one process needs DATABASE_URL')
  if (values?.DATABASE_ADMIN_URL !== undefined && values.DATABASE_URL === undefined)
    faults.push('DATABASE_ADMIN_URL: goes with DATABASE_URL')
  if (values && (values.SMTP_URL === undefined) !== (values.MAIL_FROM === undefined))
    faults.push('SMTP_URL, MAIL_FROM: one goes with the other')
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
    keyFile: present['CONNECTOR_ENCRYPTION_KEY_FILE'],
    embedded: values.VERIDA_STORAGE_NODES.length === 0,
    production: values.NODE_ENV === 'production',
    providerSettings: (id, settings, overrides = {}) =>
      readProviderSettings(present, id, settings, overrides),
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
  overrides: Readonly<Record<string, string>>,
): ProviderSettings<S> {
  const missing: string[] = []
  const entries = Object.entries(shape).map(([key, setting]) => {
    const name = settingName(id, key)
    const value =
      overrides[key] ?? environment[name] ?? ('fallback' in setting ? setting.fallback : undefined)
    if (value === undefined && !setting.optional) missing.push(name)
    const known = value === undefined ? undefined : setting.kind === 'origin' ? new URL(value).origin : value
    return [key, setting.kind === 'secret' && known !== undefined ? new Redacted(known) : known] as const
  })
  const settings = Object.fromEntries(entries) as SettingsOf<S>
  return missing.length > 0 ? { kind: 'missing', names: missing, settings } : { kind: 'set', settings }
}

/** A running node that commands talk to. */
export interface Remote {
  readonly url: string
  readonly apiPrefix: string
  readonly token: Redacted
  /** CONNECTOR_GOOGLE_DRIVE_CREDENTIALS_PATH, as an earlier file connector had it. */
  readonly serviceAccountFile: string | undefined
}

const remoteShape = z.object({
  CONNECTOR_URL: httpUrl.default('http://127.0.0.1:5021'),
  CONNECTOR_TOKEN: z.string({ error: 'is needed: a token of your issuer, or a service token' }),
  CONNECTOR_GOOGLE_DRIVE_CREDENTIALS_PATH: z.string().optional(),
  API_PREFIX: shape.shape.API_PREFIX,
})

/** @throws NodeError CONFIG_INVALID */
export function readRemote(environment: Environment = process.env): Remote {
  const parsed = remoteShape.safeParse(withoutEmpty(environment))
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    throw new NodeError('CONFIG_INVALID', { detail: faults.join('\n') })
  }
  const { data } = parsed
  return {
    url: data.CONNECTOR_URL.replace(/\/+$/, ''),
    apiPrefix: data.API_PREFIX,
    token: new Redacted(data.CONNECTOR_TOKEN),
    serviceAccountFile: data.CONNECTOR_GOOGLE_DRIVE_CREDENTIALS_PATH,
  }
}
