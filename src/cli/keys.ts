/** `connector-node keys`: makes secrets, changes the ring of keys, and tells what each key holds. Prints a key only when it was made to be set. */
import { randomBytes } from 'node:crypto'
import { readConfig, type Config } from '../config.js'
import { generateKey } from '../credentials/key-ring.js'
import { generateNodeSecret } from '../credentials/node-secrets.js'
import { NodeError } from '../errors.js'
import { readKeyStatus, type KeyState } from '../keys/index.js'
import { reveal } from '../lib/redacted.js'
import { readNodeKeys, ringFileOf } from '../node-keys.js'
import { openStore } from '../store/index.js'
import { storePlace } from './store-place.js'
import type { KeysCommand } from './commands.js'

export async function keys(command: KeysCommand, config: () => Config = readConfig): Promise<number> {
  switch (command.what) {
    case 'generate':
      return generateKeys()
    case 'rotate':
      return rotateKeys(config())
    case 'status':
      return printStatus(await statusOf(config(), command.url), command.json)
    case 'drop':
      return dropKey(config(), command.id)
    case 'import-fernet':
      return (await import('./import-fernet.js')).importFernet(command, config())
  }
}

function generateKeys(): number {
  console.log(
    [
      '# Back up the first two together: without them the data must be synced again into new databases.',
      `VERIDA_PRIVATE_KEY=0x${randomBytes(32).toString('hex')}`,
      `NODE_DERIVATION_SECRET=${generateNodeSecret()}`,
      `CONNECTOR_ENCRYPTION_KEY=${generateKey()}`,
    ].join('\n'),
  )
  return 0
}

async function rotateKeys(config: Config): Promise<number> {
  const file = await ringFileOf(config)
  if (file === undefined) {
    console.log(
      '# The keys come from the environment. Put this one in front of those that are there, and restart.',
    )
    console.log(
      '# With several processes: put it behind them first and restart all, then in front and restart all.',
    )
    console.log(`CONNECTOR_ENCRYPTION_KEY=${generateKey()},<the keys that are there>`)
    return 0
  }
  const ring = await file.addKey()
  console.log(`${file.path}: key ${ring.current.id} seals from now on.`)
  console.log(
    'A running node sees it within 5 s (at once after SIGHUP), and seals everything again; else its next start does.',
  )
  return 0
}

/** Of the store itself; when a node holds it, of that node. */
async function statusOf(config: Config, url: string | undefined): Promise<readonly KeyState[]> {
  if (url !== undefined) return statusFrom(config, url)
  try {
    const store = await openStore(storePlace(config))
    try {
      return await readKeyStatus(store, (await readNodeKeys(config)).ring)
    } finally {
      await store.close()
    }
  } catch (error) {
    if (!(error instanceof NodeError) || error.code !== 'STORE_LOCKED') throw error
    return statusFrom(config, `http://${config.HOST}:${config.PORT}`)
  }
}

async function statusFrom({ OPERATOR_TOKEN }: Config, url: string): Promise<readonly KeyState[]> {
  if (OPERATOR_TOKEN === undefined)
    throw fault('the store is in use by a running node: give OPERATOR_TOKEN, so that the node can be asked')
  const answer = await fetch(new URL('/ops/keys', url), {
    headers: { authorization: `Bearer ${reveal(OPERATOR_TOKEN)}` },
    redirect: 'error',
  }).catch((cause: unknown) => {
    throw fault(`the node at ${url} does not answer: name its address by --url`, cause)
  })
  if (!answer.ok)
    throw fault(`the node at ${url} answers ${answer.status}: is OPERATOR_TOKEN the one it was started with?`)
  return ((await answer.json()) as { readonly keys: readonly KeyState[] }).keys
}

const STATES = { current: 'seals', kept: 'opens', missing: 'MISSING' } as const

function printStatus(states: readonly KeyState[], asJson: boolean): number {
  if (asJson) console.log(JSON.stringify({ keys: states }, null, 2))
  for (const { id, state, sealed, total } of asJson ? [] : states) {
    const tables = Object.entries(sealed).map(([table, count]) => `${table} ${count}`)
    console.log([id, STATES[state].padEnd(7), String(total).padStart(8), ...tables].join('  '))
  }
  if (!asJson)
    console.log(
      'Capsules lie with their owners and are not counted: under a key that was dropped they ask to reconnect.',
    )
  return states.some(({ state }) => state === 'missing') ? 1 : 0
}

/** @throws NodeError CONFIG_INVALID while it seals anything */
async function dropKey(config: Config, id: string): Promise<number> {
  const file = await ringFileOf(config)
  if (file === undefined)
    throw fault('the keys come from the environment: take it out of CONNECTOR_ENCRYPTION_KEY, and restart')
  const held = (await statusOf(config, undefined)).find((state) => state.id === id)
  if (held !== undefined && held.total > 0)
    throw fault(`key ${id} still seals ${held.total} values (${Object.keys(held.sealed).join(', ')})`)
  await file.dropKey(id)
  console.log(`${file.path}: key ${id} is off the ring.`)
  return 0
}

const fault = (detail: string, cause?: unknown): NodeError =>
  new NodeError('CONFIG_INVALID', { detail, cause })
