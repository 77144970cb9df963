/** Sends one mail through the operator's SMTP server, within a time, under TLS; the only file that knows how. */
import { createTransport, type SendMailOptions } from 'nodemailer'
import { NodeError } from '../errors.js'
import { readSender } from '../lib/mail-address.js'
import { reveal, type Redacted } from '../lib/redacted.js'

export interface Mail {
  /** One address of a plain form (lib/mail-address.ts). */
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
  /** The same at every try, so that a mail that came twice is seen to be one. Letters and digits. */
  readonly id: string
}

export interface Mailer {
  /**
   * Returns when the server has taken it.
   * @throws NodeError MAIL_DOWN: it may be tried again; MAIL_REFUSED: never for this address
   */
  send(mail: Mail, signal?: AbortSignal): Promise<void>
}

export interface MailerOptions {
  /** `smtp:` or `smtps:`, with name and password; `?tls=never` for a server beside the node. */
  readonly url: Redacted
  readonly from: string
  /** What a server has in all. Default: 10 s. */
  readonly timeMs?: number
}

const TIME_MS = 10_000

export function createMailer({ url, from, timeMs = TIME_MS }: MailerOptions): Mailer {
  const sender = readSender(from)
  if (sender === undefined) throw new NodeError('CONFIG_INVALID', { detail: 'MAIL_FROM: is no address' })
  const domain = sender.address.slice(sender.address.lastIndexOf('@') + 1)
  const transport = createTransport(serverOf(new URL(reveal(url)), timeMs))
  return {
    async send({ to, subject, text, html, id }, signal) {
      const late = AbortSignal.timeout(timeMs)
      const message: SendMailOptions & { readonly signal: AbortSignal } = {
        from: sender,
        to: { name: '', address: to },
        envelope: { from: sender.address, to: [to] },
        subject,
        text,
        html,
        messageId: `<${id}@${domain}>`,
        // RFC 3834: nobody on holiday need answer.
        headers: { 'Auto-Submitted': 'auto-generated' },
        disableFileAccess: true,
        disableUrlAccess: true,
        signal: signal === undefined ? late : AbortSignal.any([late, signal]),
      }
      try {
        await transport.sendMail(message)
      } catch (error) {
        signal?.throwIfAborted()
        throw faultOf(error)
      }
    },
  }
}

/** STARTTLS is demanded: a server that lost it, or a stranger in between who hides it, gets neither password nor mail. */
function serverOf(url: URL, timeMs: number) {
  const secure = url.protocol === 'smtps:'
  const user = decodeURIComponent(url.username)
  const isPlain = url.searchParams.get('tls') === 'never'
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    ...(!secure && (isPlain ? { ignoreTLS: true } : { requireTLS: true })),
    ...(user !== '' && { auth: { user, pass: decodeURIComponent(url.password) } }),
    connectionTimeout: timeMs,
    greetingTimeout: timeMs,
    socketTimeout: timeMs,
    // A server that does not hang up is hung up on.
    socketCloseTimeout: 0,
  }
}

/** Of the mail itself, and not of the server's state or our name with it: RFC 5321 4.2.1. */
const OF_THE_MAIL: readonly unknown[] = ['EENVELOPE', 'EMESSAGE']

/** Texts of the server name addresses: neither they nor the cause are kept. */
function faultOf(error: unknown): NodeError {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown }
  const status = typeof responseCode === 'number' ? responseCode : undefined
  const detail = [typeof code === 'string' ? code : 'no answer in time', status].filter(Boolean).join(' ')
  const isFinal = OF_THE_MAIL.includes(code) && status !== undefined && status >= 500
  return new NodeError(isFinal ? 'MAIL_REFUSED' : 'MAIL_DOWN', { detail })
}
