/** A real SMTP server on 127.0.0.1 that keeps what it was sent, and can refuse, hang or break off. */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

export interface ReceivedMail {
  readonly from: string
  readonly to: readonly string[]
  /** With its headers, as it came. */
  readonly raw: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** The parts, decoded. */
  readonly text: string
  readonly html: string
}

export type MailFault = 'refused' | 'later' | 'after-data' | undefined

export interface MailServer {
  readonly port: number
  readonly mails: readonly ReceivedMail[]
  /** The next mail, or one that is there already and was not given. */
  next(): Promise<ReceivedMail>
  /** `refused`: 550 to the recipient; `later`: 451; `after-data`: the line is cut when the mail was read. */
  setFault(fault: MailFault): void
  close(): Promise<void>
}

export async function startMailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const mails: ReceivedMail[] = []
  const arrivals = new EventTarget()
  let given = 0
  let fault: MailFault
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: options.secure === true ? [] : ['STARTTLS'],
    ...options,
    onRcptTo(_address, _session, callback) {
      if (fault !== 'refused' && fault !== 'later') return callback()
      const responseCode = fault === 'refused' ? 550 : 451
      callback(Object.assign(new Error('not now'), { responseCode }))
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        if (fault === 'after-data') return cutOff()
        const { mailFrom, rcptTo } = session.envelope
        const from = mailFrom === false ? '' : mailFrom.address
        const to = rcptTo.map(({ address }) => address)
        mails.push({ from, to, ...readMail(Buffer.concat(chunks).toString('utf8')) })
        callback()
        arrivals.dispatchEvent(new Event('mail'))
      })
    },
  })
  const sockets = new Set<Socket>()
  server.server.on('connection', (socket: Socket) => sockets.add(socket))
  const cutOff = (): void => sockets.forEach((socket) => socket.destroy())
  server.on('error', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    async next() {
      if (mails.length <= given) await once(arrivals, 'mail')
      const mail = mails[given]
      given += 1
      if (mail === undefined) throw new Error('no mail')
      return mail
    },
    setFault: (next) => void (fault = next),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** A server that takes the connection and does as it is told with it: nothing, for one that hangs. */
export async function startSilentServer(onSocket: (socket: Socket) => void = () => undefined) {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
    onSocket(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    /** Connections that are still open. */
    open: () => sockets.size,
    async close() {
      sockets.forEach((socket) => socket.destroy())
      server.close()
      await once(server, 'close')
    },
  }
}

function readMail(raw: string): Pick<ReceivedMail, 'raw' | 'headers' | 'text' | 'html'> {
  const [head = '', ...rest] = raw.split('\r\n\r\n')
  const headers = readHeaders(head)
  const boundary = /boundary="([^"]+)"/.exec(headers['content-type'] ?? '')?.[1] ?? '?'
  const parts = rest.join('\r\n\r\n').split(`--${boundary}`)
  const partOf = (type: string): string => {
    const part = parts.find((one) => one.includes(`Content-Type: ${type}`)) ?? ''
    const [partHead = '', ...body] = part.trimStart().split('\r\n\r\n')
    return decoded(readHeaders(partHead)['content-transfer-encoding'] ?? '', body.join('\r\n\r\n'))
  }
  return { raw, headers, text: partOf('text/plain'), html: partOf('text/html') }
}

function readHeaders(head: string): Readonly<Record<string, string>> {
  const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n')
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
}

function decoded(encoding: string, body: string): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8')
  if (encoding !== 'quoted-printable') return body
  const bytes = body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
