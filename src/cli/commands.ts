/** Arguments of the command line, checked; knows nothing of what the commands do. */
import { parseArgs, type ParseArgsConfig } from 'node:util'
import { NodeError } from '../errors.js'

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
  | { readonly name: 'keys' }
  | { readonly name: 'receipt'; readonly file: string }
  | { readonly name: 'export' | 'import'; readonly file: string }
  | {
      readonly name: 'token'
      readonly tenant: string
      readonly subject?: string
      readonly scopes?: string
    }
  | { readonly name: 'verify'; readonly database: string; readonly key: string }
  | { readonly name: 'new-provider'; readonly id: string }
  | { readonly name: 'provider-check'; readonly id: string }

const options = {
  help: { type: 'boolean' },
  version: { type: 'boolean' },
  pretty: { type: 'boolean' },
  json: { type: 'boolean' },
  nodes: { type: 'string' },
  port: { type: 'string' },
  folder: { type: 'string' },
  key: { type: 'string' },
  tenant: { type: 'string' },
  subject: { type: 'string' },
  scopes: { type: 'string' },
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
    case 'keys':
      if (rest[0] === 'generate') return { name }
      throw fault('keys: the one thing to do is `keys generate`')
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
    case 'verify':
      return { name, database: argument(rest[0], VERIFY), key: hexKey(values.key) }
    case 'new-provider':
      return { name, id: argument(rest[0], 'new-provider ID') }
    case 'provider':
      return {
        name: 'provider-check',
        id: argument(rest[0] === 'check' ? rest[1] : undefined, 'provider check ID'),
      }
    default:
      throw fault(`there is no command ${JSON.stringify(name)}; see --help`)
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
