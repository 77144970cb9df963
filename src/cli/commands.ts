/** Arguments of the command line, checked; knows nothing of what the commands do. */
import { parseArgs, type ParseArgsConfig } from 'node:util'
import { NodeError } from '../errors.js'
import type { AuthKind } from '../provider/index.js'
import { authTemplates, isAuthKind } from './auth-template.js'

export type Command =
  | { readonly name: 'help'; readonly asked: boolean }
  | { readonly name: 'version' }
  | { readonly name: 'serve'; readonly pretty: boolean }
  | { readonly name: 'demo'; readonly json: boolean }
  | {
      readonly name: 'devnet'
      readonly nodes: number
      readonly port: number
      readonly folder: string
    }
  | { readonly name: 'migrate' }
  | KeysCommand
  | { readonly name: 'receipt'; readonly file: string }
  | { readonly name: 'export' | 'import'; readonly file: string }
  | {
      readonly name: 'token'
      readonly tenant: string
      readonly subject?: string
      readonly scopes?: string
    }
  | ConnectionsCommand
  /** Without a tenant: of all of them. */
  | { readonly name: 'audit-verify'; readonly tenant?: string }
  | { readonly name: 'verify'; readonly database: string; readonly key: string }
  | { readonly name: 'new-provider'; readonly id: string; readonly auth: AuthKind; readonly stream: string }
  /** Without an id: over all of them. */
  | { readonly name: 'provider-check'; readonly id?: string }
  | { readonly name: 'provider-list'; readonly json: boolean }
  | { readonly name: 'provider-docs'; readonly id?: string }
  | {
      readonly name: 'provider-dry-run'
      readonly id: string
      readonly pages: number
      readonly stream?: string
    }
  | { readonly name: 'provider-record'; readonly id: string; readonly pages: number }

export type ConnectionsCommand =
  | { readonly name: 'connections'; readonly what: 'list'; readonly json: boolean }
  /** Of a YAML file, or the one that the options describe. */
  | {
      readonly name: 'connections'
      readonly what: 'add'
      readonly file?: string
      readonly connection: Readonly<Record<string, unknown>>
    }
  /** Without an id: all, or all of a type. */
  | {
      readonly name: 'connections'
      readonly what: 'test' | 'sync'
      readonly id?: string
      readonly type?: string
    }

export type KeysCommand =
  | { readonly name: 'keys'; readonly what: 'generate' | 'rotate' }
  | { readonly name: 'keys'; readonly what: 'status'; readonly json: boolean; readonly url?: string }
  | { readonly name: 'keys'; readonly what: 'drop'; readonly id: string }
  | {
      readonly name: 'keys'
      readonly what: 'import-fernet'
      readonly file: string
      readonly dryRun: boolean
      readonly keyFile?: string
    }

const options = {
  help: { type: 'boolean' },
  version: { type: 'boolean' },
  pretty: { type: 'boolean' },
  json: { type: 'boolean' },
  nodes: { type: 'string' },
  port: { type: 'string' },
  folder: { type: 'string' },
  key: { type: 'string' },
  url: { type: 'string' },
  'key-file': { type: 'string' },
  'dry-run': { type: 'boolean' },
  tenant: { type: 'string' },
  subject: { type: 'string' },
  scopes: { type: 'string' },
  auth: { type: 'string' },
  stream: { type: 'string' },
  all: { type: 'boolean' },
  name: { type: 'string' },
  type: { type: 'string' },
  project: { type: 'string' },
  description: { type: 'string' },
  every: { type: 'string' },
  cron: { type: 'string' },
  files: { type: 'string' },
  most: { type: 'string' },
  tags: { type: 'string' },
  pages: { type: 'string' },
} as const satisfies ParseArgsConfig['options']

/** @throws NodeError CONFIG_INVALID that says what is wrong */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args)
  const [name, ...rest] = positionals
  if (values.help) return { name: 'help', asked: true }
  if (values.version) return { name: 'version' }
  switch (name) {
    case undefined:
    case 'help':
      return { name: 'help', asked: name !== undefined }
    case 'serve':
      return { name, pretty: values.pretty ?? false }
    case 'demo':
      return { name, json: values.json ?? false }
    case 'devnet':
      return {
        name,
        nodes: whole('--nodes', values.nodes ?? '2', 1, 9),
        port: whole('--port', values.port ?? '5030', 0, 65_000),
        folder: values.folder ?? './data/devnet',
      }
    case 'migrate':
      return { name }
    case 'keys':
      return keysCommand(rest, values)
    case 'receipt':
      return { name, file: argument(rest[0] === 'verify' ? rest[1] : undefined, 'receipt verify FILE') }
    case 'export':
    case 'import':
      return { name, file: argument(rest[0], `${name} FILE`) }
    case 'token':
      return {
        name,
        tenant: argument(values.tenant, 'token --tenant T [--subject S] [--scopes a,b]'),
        ...(values.subject !== undefined && { subject: values.subject }),
        ...(values.scopes !== undefined && { scopes: values.scopes }),
      }
    case 'connections':
      return connectionsCommand(rest, values)
    case 'audit':
      if (rest[0] !== 'verify') throw fault('usage: connector-node audit verify [--tenant T]')
      return { name: 'audit-verify', ...(values.tenant !== undefined && { tenant: values.tenant }) }
    case 'verify':
      return { name, database: argument(rest[0], VERIFY), key: hexKey(values.key) }
    case 'new-provider':
      return {
        name,
        id: argument(rest[0], 'new-provider ID [--auth KIND] [--stream NAME]'),
        auth: authKind(values.auth ?? 'oauth2'),
        stream: values.stream ?? 'posts',
      }
    case 'provider':
      return providerCommand(rest, values)
    default:
      throw fault(`there is no command ${JSON.stringify(name)}; see --help`)
  }
}

function providerCommand(
  [what, id]: readonly string[],
  { all = false, json = false, pages, stream }: ReturnType<typeof parse>['values'],
): Command {
  const one = () => (all ? {} : { id: argument(id, `provider ${what} ID, or --all`) })
  switch (what) {
    case 'check':
      return { name: 'provider-check', ...one() }
    case 'docs':
      return { name: 'provider-docs', ...one() }
    case 'list':
      return { name: 'provider-list', json }
    case 'dry-run':
      return {
        name: 'provider-dry-run',
        id: argument(id, 'provider dry-run ID [--stream NAME] [--pages N]'),
        pages: whole('--pages', pages ?? '2', 1, 100),
        ...(stream !== undefined && { stream }),
      }
    case 'record':
      return {
        name: 'provider-record',
        id: argument(id, 'provider record ID [--pages N]'),
        pages: whole('--pages', pages ?? '20', 1, 100),
      }
    default:
      throw fault(
        'usage: connector-node provider check|docs ID or --all, provider dry-run|record ID, provider list [--json]',
      )
  }
}

const CONNECTIONS =
  'connections list [--json] | add FILE | add --type T --name N [options] | test [ID|--type T] | sync ID|--type T|--all'

function connectionsCommand(
  [what, subject]: readonly string[],
  values: ReturnType<typeof parse>['values'],
): ConnectionsCommand {
  const name = 'connections'
  const { type } = values
  switch (what) {
    case 'list':
      return { name, what, json: values.json ?? false }
    case 'add':
      if (subject === undefined) argument(type, CONNECTIONS)
      return { name, what, ...(subject !== undefined && { file: subject }), connection: described(values) }
    case 'sync':
    case 'test':
      // Nothing is asked of every service by a slip.
      if (what === 'sync' && values.all !== true) argument(subject ?? type, CONNECTIONS)
      return {
        name,
        what,
        ...(subject !== undefined && { id: subject }),
        ...(type !== undefined && { type }),
      }
    default:
      throw fault(`usage: connector-node ${CONNECTIONS}`)
  }
}

/** By the names of the API; only what was given. */
function described(values: ReturnType<typeof parse>['values']): Readonly<Record<string, unknown>> {
  const most = 1_000_000
  const connection = {
    endpoint_type: values.type,
    name: values.name,
    project_id: values.project,
    description: values.description,
    interval_minutes: values.every === undefined ? undefined : whole('--every', values.every, 1, most),
    schedule_cron: values.cron,
    file_types: values.files === undefined ? undefined : listed(values.files),
    max_files_per_sync: values.most === undefined ? undefined : whole('--most', values.most, 1, most),
    tags: values.tags === undefined ? undefined : listed(values.tags),
  }
  return Object.fromEntries(Object.entries(connection).filter(([, value]) => value !== undefined))
}

const listed = (text: string): readonly string[] => text.split(',').map((part) => part.trim())

function authKind(text: string): AuthKind {
  if (isAuthKind(text)) return text
  throw fault(`--auth is one of oauth2, ${Object.keys(authTemplates).join(', ')}`)
}

function keysCommand(
  [what, subject]: readonly string[],
  values: ReturnType<typeof parse>['values'],
): KeysCommand {
  const name = 'keys'
  switch (what) {
    case 'generate':
    case 'rotate':
      return { name, what }
    case 'status':
      return { name, what, json: values.json ?? false, ...(values.url !== undefined && { url: values.url }) }
    case 'drop':
      return { name, what, id: argument(subject, 'keys drop ID') }
    case 'import-fernet': {
      const file = argument(subject, 'keys import-fernet FILE [--key-file FILE] [--dry-run]')
      const keyFile = values['key-file']
      return {
        name,
        what,
        file,
        dryRun: values['dry-run'] ?? false,
        ...(keyFile !== undefined && { keyFile }),
      }
    }
    default:
      throw fault('keys: there are generate, rotate, status, drop ID and import-fernet FILE')
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (cause) {
    throw new NodeError('CONFIG_INVALID', { detail: (cause as Error).message, cause })
  }
}

function argument(value: string | undefined, usage: string): string {
  if (value === undefined) throw fault(`usage: connector-node ${usage}`)
  return value
}

const VERIFY = 'verify DATABASE --key HEX'

function hexKey(text: string | undefined): string {
  if (text !== undefined && /^[0-9a-fA-F]{64}$/.test(text)) return text
  throw fault(`usage: connector-node ${VERIFY} (the key is 64 hexadecimal characters)`)
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw fault(`${name} must be a whole number from ${min} to ${max}`)
}

const fault = (detail: string): NodeError => new NodeError('CONFIG_INVALID', { detail })
