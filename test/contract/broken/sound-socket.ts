/** The sound provider over a connection that speaks no HTTP: one question a line, one answer a line. */
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import type { JsonObject } from '../../../src/lib/canonical-json.js'
import {
  NodeError,
  readAnswer,
  z,
  type AnyStream,
  type FetchContext,
  type ProviderHttp,
} from '../../../src/provider/index.js'
import type { ProviderCase } from '../../support/provider-case.js'
import type { SocketService } from '../../support/socket-service.js'
import { item, outcome, postsPage, soundFixtures, soundStream } from './sound-provider.js'
import { withAuth } from './sound-fields.js'

const PORT = 7_000
const help = 'Found under Settings.'
const ANSWERS: Readonly<Record<string, JsonObject>> = {
  account: { id: 'u-1', name: 'Nadia' },
  'posts ': { posts: [item(1), item(2)], next: 'place-2', more: true },
  'posts place-2': { posts: [item(3)], next: 'place-3', more: false },
  'posts place-3': { posts: [item(4)], next: 'place-4', more: false },
}

/** The service behind it. */
export async function soundLines(): Promise<SocketService> {
  const server = createServer((socket) => {
    socket.setEncoding('utf8').on('error', () => socket.destroy())
    socket.on('data', (line: string) => socket.end(JSON.stringify(ANSWERS[line.slice(0, -1)] ?? {})))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close()
      await once(server, 'close')
    },
  }
}

export interface LineFaults {
  /** It takes a connection that fails for an empty answer. */
  readonly swallows?: boolean
  /** It gives an abort another reason. */
  readonly deaf?: boolean
  /** Where it connects to, whatever was entered. */
  readonly host?: string
}

type Call = Pick<FetchContext, 'fields'> & { readonly signal?: AbortSignal }

/** The sound case over lines. */
export function withLines(
  socketPort: number,
  { swallows = false, deaf = false, host }: LineFaults = {},
): ProviderCase {
  const ask = async (http: ProviderHttp, question: string, { fields, signal }: Call) => {
    const [named = ''] = (fields.texts['address'] ?? '').split(':')
    try {
      const socket = await http.socket(host ?? named, PORT)
      socket.write(`${question}\n`)
      let text = ''
      for await (const part of socket.setEncoding('utf8')) text += String(part)
      return { status: 200, headers: {}, json: parsed(text) }
    } catch (cause) {
      if (!deaf) signal?.throwIfAborted()
      if (swallows)
        return { status: 200, headers: {}, json: { id: 'u', posts: [], next: 'end', more: false } }
      if (cause instanceof NodeError) throw cause
      throw new NodeError('PROVIDER_DOWN', { detail: 'the connection ended', cause })
    }
  }
  const stream: AnyStream = {
    ...soundStream,
    async fetchPage(http, cursor, context) {
      const page = readAnswer(
        postsPage,
        await ask(http, `posts ${z.string().default('').parse(cursor)}`, context),
      )
      return { items: page.posts, cursor: page.next, more: page.more }
    },
  }
  const one = withAuth(
    {
      kind: 'custom',
      fields: { address: { kind: 'origin', label: 'Address', help, port: PORT } },
      headers: () => ({}),
    },
    {
      hosts: ['field:address'],
      settings: {},
      account: async (http, context) =>
        readAnswer(z.object({ id: z.string(), name: z.string() }), await ask(http, 'account', context)),
      revoke: { unsupported: 'There is nothing to end.' },
      streams: [stream],
    },
  )
  return {
    ...one,
    socketPort,
    calls: {},
    readme: one.readme.replace('## Known gaps', '## Known gaps\n\nThere is nothing to end.'),
    streams: {
      posts: {
        ...soundFixtures,
        pages: [],
        later: [],
        expected: { first: outcome(1, 2, 3), later: outcome(4) },
      },
    },
  }
}

function parsed(text: string): unknown {
  if (text === '') throw new NodeError('PROVIDER_DOWN', { detail: 'the connection ended' })
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new NodeError('PROVIDER_CHANGED', { detail: 'it says something else', cause })
  }
}
