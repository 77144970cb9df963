/** Calendars of subaccounts over a real store, a real mail server and Google on 127.0.0.1; the queue's work is done when a test says so. */
import { provider } from '../../../providers/google-calendar/index.js'
import { createCalendars, mailWork, metadataWork, noteConnected } from '../../../src/calendars/index.js'
import type { CalendarWork, Calendars } from '../../../src/calendars/index.js'
import { createConnectors } from '../../../src/connectors/index.js'
import { Redacted } from '../../../src/lib/redacted.js'
import { createMailer } from '../../../src/mail/index.js'
import { GOOGLE_CLIENT, startFakeGoogle, type FakeGoogle } from '../../support/fake-google.js'
import { startMailServer, type MailServer } from '../../support/mail-server.js'
import { openConnectorBench, type ConnectorBench } from '../connectors/bench.js'

export const CALLER = { tenant: 'acme', subject: 'ann', actor: 'user:ann' }
export const HOUR_MS = 3_600_000

export interface CalendarBench extends Pick<ConnectorBench, 'store' | 'clock' | 'ports' | 'key'> {
  readonly google: FakeGoogle
  readonly mail: MailServer
  /** With mail; `to` another port, or without any. */
  calendars(to?: number | 'nowhere'): Calendars
  /** Follows a link, signs in, and comes back. */
  connect(link: string, email: string): Promise<string>
  /** What the queue would do now, of one kind; gives how much that was. */
  work(kind: 'mail' | 'metadata'): Promise<number>
  close(): Promise<void>
}

export async function openCalendarBench(): Promise<CalendarBench> {
  const google = await startFakeGoogle()
  const mail = await startMailServer()
  const settings = { clientId: GOOGLE_CLIENT.id, clientSecret: new Redacted(GOOGLE_CLIENT.secret) }
  const further = [{ provider, settings, missingSettings: [] }]
  const bench = await openConnectorBench('pglite', { further, network: google.network })
  const { ports, store, clock } = bench
  const connectors = createConnectors({ ...ports, onConnected: noteConnected(ports) })
  const mailerAt = (port: number) => {
    const url = new Redacted(`smtp://127.0.0.1:${port}?tls=never`)
    return createMailer({ url, from: 'team@app.example', timeMs: port === mail.port ? 5_000 : 200 })
  }
  const own = { ...ports, connectors, linkMs: 48 * HOUR_MS }
  const works: Readonly<Record<'mail' | 'metadata', CalendarWork>> = {
    mail: mailWork({ ...ports, mailer: mailerAt(mail.port) }),
    metadata: metadataWork(ports),
  }
  return {
    store,
    clock,
    ports,
    key: bench.key,
    google,
    mail,
    calendars: (to = mail.port) =>
      createCalendars({ ...own, mailer: to === 'nowhere' ? undefined : mailerAt(to) }),
    async connect(link, email) {
      const calendars = createCalendars(own)
      const out = new URL(await calendars.follow(new URL(link).searchParams.get('ticket') ?? ''))
      const start = { ticket: out.searchParams.get('ticket') ?? '', cookies: undefined }
      const { location, cookie } = await connectors.begin(provider.id, start)
      const back = new URL(await google.allow(location, email))
      const cookies = cookie.split(';', 1)[0]
      const end = await connectors.callback(provider.id, {
        query: Object.fromEntries(back.searchParams),
        cookies,
      })
      return end.kind
    },
    async work(kind) {
      const due = await store.node((tx) => works[kind].claimDue(tx, clock.now(), 10))
      for (const task of due) await works[kind].run(task, new AbortController().signal)
      return due.length
    },
    async close() {
      await bench.close()
      await mail.close()
      await google.close()
    },
  }
}
