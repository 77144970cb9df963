/** The Vault beside the node: Verida's own client in a process and a folder of its own, asked over IPC. Holds no data itself. */
import { fork, type ChildProcess } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type {
  AwaitSyncInput, EditInput, FileInput, FileReport, PullInput, PullReport, ReplyMessage, RequestMessage, SignedRequestInput, VaultMethod,
  VaultRequests, VaultSettings, VaultSyncInfo,
} from './messages.js' // prettier-ignore

export type {
  AwaitSyncInput, EditInput, FileInput, FileReport, PullInput, PullReport, SchemaReport, SharedDatabase, SignedRequestInput, VaultSettings,
  VaultSyncInfo,
} from './messages.js' // prettier-ignore

/** A running Vault. Every method may fail with an Error that carries the text of the Vault's own. */
export interface VaultApp {
  /** The owner's DID as the client spells it. */
  did(): Promise<string>
  /** Waits for a sync's request record as the mobile Vault does. @throws `API error: <text>` when the record says so. */
  awaitSync(input: AwaitSyncInput): Promise<VaultSyncInfo>
  /** Replicates the server's databases into the Vault's own and looks at every record. */
  pull(input: PullInput): Promise<PullReport>
  /** Decrypted records out of the Vault's own copy. */
  records(input: {
    readonly schema: string
    readonly limit: number
  }): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** A file out of the Vault's own copies, put together and checked. */
  file(input: FileInput): Promise<FileReport>
  /** Changes a record in the server's database, as its owner may; the database must have been pulled before. */
  edit(input: EditInput): Promise<{ readonly rev: string }>
  /** A token for one request, signed with the owner's key. */
  signedRequest(input: SignedRequestInput): Promise<string>
  /** Failures of the client's background work so far. */
  warnings(): readonly string[]
  close(): Promise<void>
}

export interface VaultOptions extends VaultSettings {
  /** A folder of the Vault's own; its databases lie there. */
  readonly folder: string
}

const TIMEOUT_MS = 120_000
const CLOSE_MS = 3_000
const LAST_WORDS_MS = 50

/** Starts a Vault. @throws when its process does not start or does not take its settings. */
export async function openVault({ folder, ...settings }: VaultOptions): Promise<VaultApp> {
  const line = openLine(startProcess(folder))
  try {
    await line.ask('open', settings)
  } catch (error) {
    await line.close()
    throw error
  }
  return {
    did: () => line.ask('did', null),
    awaitSync: (input) => line.ask('awaitSync', input, input.timeoutMs + TIMEOUT_MS),
    pull: (input) => line.ask('pull', input, 5 * TIMEOUT_MS),
    records: (input) => line.ask('records', input),
    file: (input) => line.ask('file', input),
    edit: (input) => line.ask('edit', input),
    signedRequest: (input) => line.ask('signedRequest', input),
    warnings: () => [...line.warnings],
    close: () => line.close(),
  }
}

function startProcess(folder: string): ChildProcess {
  const fromSources = import.meta.url.endsWith('.ts')
  const file = fileURLToPath(new URL(fromSources ? './child.ts' : './child.js', import.meta.url))
  // By full address: a bare name would be looked for beside the Vault's folder, which is the child's working directory.
  const loader = fromSources
    ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href]
    : []
  // No environment: the Vault must know nothing that the deep link and the sync answers do not carry.
  return fork(file, [], { cwd: folder, env: {}, execArgv: loader, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
}

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

interface Line {
  readonly warnings: readonly string[]
  ask<M extends VaultMethod>(
    method: M,
    input: VaultRequests[M]['input'],
    timeoutMs?: number,
  ): Promise<VaultRequests[M]['output']>
  close(): Promise<void>
}

function openLine(child: ChildProcess): Line {
  const waiting = new Map<number, Waiting>()
  const warnings: string[] = []
  let lastOutput = ''
  let ended: Error | undefined
  let nextId = 1

  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (lastOutput = (lastOutput + text).slice(-4000)))
  }
  child.on('message', (message: ReplyMessage) => {
    if (message.kind === 'warning') return void warnings.push(message.message)
    const asked = waiting.get(message.id)
    waiting.delete(message.id)
    if (message.kind === 'value') asked?.resolve(message.value)
    else asked?.reject(new Error(message.message))
  })
  const end = (reason: string): void => {
    ended ??= new Error(`the Vault's process ended: ${reason}\n${lastOutput}`)
    for (const { reject } of waiting.values()) reject(ended)
    waiting.clear()
  }
  const exited = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      end(error.message)
      if (child.pid === undefined) resolve()
    })
    // Not 'close': a helper process of the loader may hold the pipes open. Its last words are read all the same.
    child.on('exit', (code, signal) => {
      setTimeout(() => {
        end(signal ?? `code ${code ?? 'unknown'}`)
        child.stdout?.destroy()
        child.stderr?.destroy()
        resolve()
      }, LAST_WORDS_MS)
    })
  })

  return {
    warnings,
    ask: (method, input, timeoutMs = TIMEOUT_MS) =>
      new Promise((resolve, reject) => {
        if (ended) return reject(ended)
        const message: RequestMessage = { id: nextId++, method, input }
        const late = () =>
          settle(() =>
            reject(new Error(`the Vault did not answer ${method} within ${timeoutMs} ms\n${lastOutput}`)),
          )
        const timer = setTimeout(late, timeoutMs)
        const settle = (then: () => void): void => {
          clearTimeout(timer)
          waiting.delete(message.id)
          then()
        }
        waiting.set(message.id, {
          // The child answers each method with its own output type.
          resolve: (value) => settle(() => resolve(value as never)),
          reject: (error) => settle(() => reject(error)),
        })
        child.send(message, (error) => {
          if (error) settle(() => reject(error))
        })
      }),
    async close() {
      if (child.connected) child.disconnect()
      const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_MS)
      await exited
      clearTimeout(timer)
    },
  }
}
