/** `connector-node keys import-fernet FILE`: connectors of another system, one JSON object a line, whose `config` is a Fernet token over JSON. */
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { z } from 'zod'
import { providers } from '../../providers/index.js'
import { isTenantId } from '../api/authentication/principal.js'
import type { Config } from '../config.js'
import { checkImport, importConnector } from '../connectors/index.js'
import { openFernet } from '../credentials/fernet.js'
import { parseKeyRing, type KeyRing } from '../credentials/key-ring.js'
import { fileJournal, noJournal } from '../credentials/token-journal.js'
import { NodeError, toNodeError } from '../errors.js'
import { nextRun, shortestGapMs } from '../jobs/index.js'
import { systemClock } from '../lib/clock.js'
import { sha256 } from '../lib/keyed-hash.js'
import { createLog } from '../lib/log.js'
import { Redacted } from '../lib/redacted.js'
import { readNodeKeys } from '../node-keys.js'
import { createBudgets } from '../outbound/index.js'
import type { Catalog } from '../provider/index.js'
import { openStore } from '../store/index.js'
import { storePlace } from './store-place.js'

export interface FernetImport {
  readonly file: string
  /** Reads, opens and checks everything; asks no provider and writes nothing. */
  readonly dryRun: boolean
  /** Keys that the tokens were made with. Default: those of the node. */
  readonly keyFile?: string
}

const line = z.strictObject({
  tenant: z.string().refine(isTenantId, 'is no name of a tenant'),
  type: z.string().min(1),
  display_name: z.string().min(1),
  config: z.string().min(1),
  sync_frequency: z.string().nullable().optional(),
})
type Line = z.output<typeof line>
type Ports = Parameters<typeof importConnector>[0]

/** 0 when every line is here now. Each line is all or nothing; the same file again makes nothing twice. */
export async function importFernet(
  { file, dryRun, keyFile }: FernetImport,
  config: Config,
  catalog: Catalog = catalogOf(config),
): Promise<number> {
  const { ring } = await readNodeKeys(config)
  const source =
    keyFile === undefined ? ring : parseKeyRing(new Redacted((await readFile(keyFile, 'utf8')).trim()))
  const store = await openStore(storePlace(config))
  try {
    const journal = store.dialect === 'pglite' ? fileJournal(join(config.dataDir, 'tokens')) : noJournal
    const outbound = { budgets: createBudgets(systemClock) }
    const log = createLog({
      level: config.LOG_LEVEL,
      json: config.LOG_JSON,
      write: (text) => void process.stderr.write(text),
    })
    const ports = { store, ring, journal, catalog, clock: systemClock, log, outbound, nextRun, shortestGapMs }
    let refused = 0
    let number = 0
    for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
      number += 1
      if (text.trim() === '') continue
      const end = await takeLine(ports, source, text, dryRun).catch((error: unknown) => {
        refused += 1
        return `refused: ${reasonOf(error)}`
      })
      console.log(`line ${number}: ${end}`)
    }
    return refused === 0 ? 0 : 1
  } finally {
    await store.close()
  }
}

async function takeLine(ports: Ports, source: KeyRing, text: string, dryRun: boolean): Promise<string> {
  const wish = readLine(text)
  const { tenant, type, display_name: displayName, sync_frequency: syncFrequency } = wish
  const request = {
    type,
    displayName,
    config: openedConfig(source, wish),
    ...(syncFrequency !== undefined && { syncFrequency }),
  }
  checkImport(ports, request)
  if (dryRun) return 'would be made'
  const caller = { tenant, subject: 'import', actor: 'operator' }
  const origin = [type, displayName, sha256(wish.config).toString('hex')]
  const { id, made } = await importConnector(ports, caller, request, origin)
  return made ? `made ${id}` : `already there ${id}`
}

/** @throws NodeError REQUEST_INVALID; it quotes nothing of the line */
function readLine(text: string): Line {
  const read = line.safeParse(parsed(text))
  if (read.success) return read.data
  const fields = read.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
  throw new NodeError('REQUEST_INVALID', { fields })
}

/** @throws NodeError SEAL_FAILED, REQUEST_INVALID */
function openedConfig(source: KeyRing, { config }: Line): unknown {
  const opened = parsed(openFernet(source, config))
  if (typeof opened === 'object' && opened !== null && Object.keys(opened).length > 0) return opened
  throw new NodeError('REQUEST_INVALID', {
    fields: [{ path: 'config', message: 'holds no JSON object with members' }],
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Its message would quote the text.
    return undefined
  }
}

function reasonOf(error: unknown): string {
  const { code, explanation } = toNodeError(error)
  return `${code}: ${explanation}`
}

function catalogOf(config: Config): Catalog {
  return providers.map((provider) => {
    const read = config.providerSettings(provider.id, provider.settings)
    return read.kind === 'set'
      ? { provider, settings: read.settings, missingSettings: [] }
      : { provider, missingSettings: read.names }
  })
}
