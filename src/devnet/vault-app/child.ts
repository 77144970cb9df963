/** The Vault's process: takes requests over IPC, and ends when its parent does. Run by index.ts only. */
import { createSession, type Session } from './session.js'
import type { ReplyMessage, RequestMessage, VaultRequests } from './messages.js'

let session: Session | undefined

function opened(): Session {
  if (!session) throw new Error('the Vault has no settings yet')
  return session
}

const handlers: {
  readonly [M in keyof VaultRequests]: (
    input: VaultRequests[M]['input'],
  ) => Promise<VaultRequests[M]['output']>
} = {
  async open(settings) {
    session = createSession(settings)
    return null
  },
  did: (input) => opened().did(input),
  awaitSync: (input) => opened().awaitSync(input),
  pull: (input) => opened().pull(input),
  records: (input) => opened().records(input),
  file: (input) => opened().file(input),
  edit: (input) => opened().edit(input),
  signedRequest: (input) => opened().signedRequest(input),
}

async function answer({ id, method, input }: RequestMessage): Promise<ReplyMessage> {
  try {
    // The parent's `ask` is typed by the same table.
    const run = handlers[method] as (input: unknown) => Promise<unknown>
    return { kind: 'value', id, value: await run(input) }
  } catch (error) {
    return { kind: 'error', id, message: describe(error) }
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : typeof error === 'string' ? error : JSON.stringify(error)
}

function send(message: ReplyMessage): void {
  process.send?.(message)
}

process.on('message', (message: RequestMessage) => void answer(message).then(send))
process.on('disconnect', () => process.exit(0))
// The client's live replication throws inside its own event handlers when a storage node goes away.
process.on('unhandledRejection', (reason) => send({ kind: 'warning', message: describe(reason) }))
