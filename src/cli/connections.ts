/** `connector-node connections`: file connections of a running node, by its API. Prints no credential. */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { newFileConnectionBody } from '../api/files/connection-json.js'
import { ApiError, createClient, type Client, type Output } from '../client/client.js'
import { readRemote } from '../config.js'
import { NodeError } from '../errors.js'
import { reveal } from '../lib/redacted.js'
import type { ConnectionsCommand } from './commands.js'

type NewConnection = z.input<typeof newFileConnectionBody>
type Connection = Output<'getFileConnection'>['data']

export async function connections(command: ConnectionsCommand, remote = readRemote()): Promise<number> {
  const client = createClient({ ...remote, token: () => reveal(remote.token) })
  switch (command.what) {
    case 'list':
      return list(client, command.json)
    case 'add':
      return each(await wanted(command, remote.serviceAccountFile), (body) => add(client, body))
    case 'test':
      return each(await chosen(client, command), (connection) => test(client, connection))
    case 'sync':
      return each(await chosen(client, command), (connection) => sync(client, connection))
  }
}

/** One after the other; what fails is told, and the others are done. */
async function each<T>(items: readonly T[], work: (item: T) => Promise<string>): Promise<number> {
  let failed = 0
  for (const item of items)
    try {
      console.log(await work(item))
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      failed += 1
      console.error(
        [error.message, ...error.fields.map(({ path, message }) => `  ${path}: ${message}`)].join('\n'),
      )
    }
  if (items.length === 0) console.error('there is no such connection')
  return failed > 0 || items.length === 0 ? 1 : 0
}

async function list(client: Client, asJson: boolean): Promise<number> {
  const states: Output<'getFileStatus'>['data'] = []
  for (let cursor: string | undefined; ;) {
    const page = await client.call('getFileStatus', { query: cursor === undefined ? {} : { cursor } })
    states.push(...page.data)
    if (page.next_cursor === null) break
    cursor = page.next_cursor
  }
  if (asJson) console.log(JSON.stringify(states, null, 2))
  else
    for (const state of states)
      console.log(
        [
          state.id,
          state.endpoint_type,
          state.enabled ? 'enabled' : 'disabled',
          state.last_sync_status,
          `token: ${state.token_status}`,
          `${state.total_files} files, ${state.total_size} bytes`,
          state.name,
        ].join('  '),
      )
  return 0
}

async function add(client: Client, body: NewConnection): Promise<string> {
  const { data, message } = await client.call('addFileConnection', { body })
  return [`${data.id}  ${data.endpoint_type}  ${data.status}  ${data.name}`, message]
    .filter(Boolean)
    .join('\n  ')
}

async function test(client: Client, { id, name }: Connection): Promise<string> {
  const { data } = await client.call('testFileConnection', { params: { id } })
  if (data.success) return `${id}  works, as ${data.details.account.name}  ${name}`
  throw new ApiError(200, data.error.code, `${id}  ${name}: ${data.error.message}`)
}

async function sync(client: Client, { id, name }: Connection): Promise<string> {
  const { data } = await client.call('syncFileConnection', { params: { id } })
  return `${id}  job ${data.job_id}  ${name}`
}

/** The one that is named, all of a type, or all. */
async function chosen(
  client: Client,
  { id, type }: { readonly id?: string; readonly type?: string },
): Promise<readonly Connection[]> {
  if (id !== undefined) return [(await client.call('getFileConnection', { params: { id } })).data]
  const found: Connection[] = []
  for (let cursor: string | undefined; ;) {
    const query = {
      ...(type !== undefined && { endpoint_type: type }),
      ...(cursor !== undefined && { cursor }),
    }
    const { data, meta } = await client.call('listFileConnections', { query })
    found.push(...data)
    if (meta.page.nextCursor === null) return found
    cursor = meta.page.nextCursor
  }
}

type AddCommand = Extract<ConnectionsCommand, { readonly what: 'add' }>

async function wanted(
  { file, connection }: AddCommand,
  serviceAccountFile: string | undefined,
): Promise<readonly NewConnection[]> {
  const bodies = file === undefined ? [body(connection, 'the connection')] : await fromFile(file)
  return Promise.all(bodies.map((one) => withServiceAccount(one, serviceAccountFile)))
}

const GOOGLE_DRIVE = /^google[-_]drive$/

/** The key file that the setting of an earlier file connector names, where a connection brings no credentials. */
async function withServiceAccount(one: NewConnection, file: string | undefined): Promise<NewConnection> {
  if (file === undefined || !GOOGLE_DRIVE.test(one.endpoint_type)) return one
  if (one.endpoint_config !== undefined || one.auth_kind !== undefined) return one
  const serviceAccountKey = await textOf(file)
  return { ...one, auth_kind: 'service_account', endpoint_config: { serviceAccountKey } }
}

const shape = z.union([
  z.array(z.unknown()),
  z.strictObject({ connections: z.array(z.unknown()) }),
  z.strictObject({ endpoints: z.array(z.unknown()) }),
])

async function fromFile(file: string): Promise<readonly NewConnection[]> {
  const listed = shape.safeParse(parsed(await textOf(file), file))
  if (!listed.success) throw fault(`${file}: must hold a list of connections, or one below "connections"`)
  const { data } = listed
  const items = Array.isArray(data) ? data : 'connections' in data ? data.connections : data.endpoints
  const filled = await Promise.all(items.map((item) => filledIn(item, dirname(file))))
  return filled.map((item, index) => body(item, `${file}: connection ${index + 1}`))
}

function parsed(text: string, file: string): unknown {
  try {
    return parse(text)
  } catch (cause) {
    throw fault(`${file}: is no YAML`, cause)
  }
}

const withFiles = z.looseObject({ endpoint_config: z.record(z.string(), z.unknown()) })
const fileValue = z.strictObject({ file: z.string().min(1) })

/** A member of `endpoint_config` may be `{file: key.json}`: then it is the text of that file, beside this one. */
async function filledIn(item: unknown, folder: string): Promise<unknown> {
  const given = withFiles.safeParse(item)
  if (!given.success) return item
  const members = Object.entries(given.data.endpoint_config).map(async ([name, value]) => {
    const named = fileValue.safeParse(value)
    return [name, named.success ? await textOf(resolve(folder, named.data.file)) : value] as const
  })
  return { ...given.data, endpoint_config: Object.fromEntries(await Promise.all(members)) }
}

function body(item: unknown, what: string): NewConnection {
  const read = newFileConnectionBody.safeParse(item)
  if (read.success) return read.data
  const faults = read.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`)
  throw fault([`${what} is not valid`, ...faults].join('\n'))
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw fault(`${file} cannot be read`, cause)
  })
}

const fault = (detail: string, cause?: unknown): NodeError =>
  new NodeError('CONFIG_INVALID', { detail, ...(cause !== undefined && { cause }) })
