import { describe, expect, it } from 'vitest'
import { createMailer, type Mail } from '../../../src/mail/index.js'
import { Redacted } from '../../../src/lib/redacted.js'
import { startMailServer, startSilentServer } from '../../support/mail-server.js'

const FROM = 'Calendar team <team@app.example>'
const mail = (facts: Partial<Mail> = {}): Mail => ({
  to: 'ann@people.example',
  subject: 'Hello',
  text: 'a text with ünicode',
  html: '<p>a text with ünicode</p>',
  id: 'abc123',
  ...facts,
})
const mailerAt = (port: number, more: { timeMs?: number; query?: string; scheme?: string } = {}) => {
  const { scheme = 'smtp', query = '?tls=never', ...options } = more
  return createMailer({ url: new Redacted(`${scheme}://127.0.0.1:${port}${query}`), from: FROM, ...options })
}

describe('a mail', () => {
  it('comes as text and HTML, from the sender, with an id that stays', async () => {
    const server = await startMailServer()
    await mailerAt(server.port).send(mail())
    await mailerAt(server.port).send(mail())
    const [first, again] = [await server.next(), await server.next()]
    expect([first.from, first.to]).toEqual(['team@app.example', ['ann@people.example']])
    expect(first.headers).toMatchObject({
      from: 'Calendar team <team@app.example>',
      to: 'ann@people.example',
      subject: 'Hello',
      'message-id': '<abc123@app.example>',
      'auto-submitted': 'auto-generated',
    })
    expect(first.text.trim()).toBe('a text with ünicode')
    expect(first.html.trim()).toBe('<p>a text with ünicode</p>')
    expect(again.headers['message-id']).toBe(first.headers['message-id'])
    await server.close()
  })

  it('is sent with the name and password of the address', async () => {
    const seen: unknown[] = []
    const server = await startMailServer({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth({ username, password }, _session, callback) {
        seen.push([username, password])
        callback(null, { user: username })
      },
    })
    const url = new Redacted(`smtp://team%40app.example:p%3Ass@127.0.0.1:${server.port}?tls=never`)
    await createMailer({ url, from: FROM }).send(mail())
    expect(seen).toEqual([['team@app.example', 'p:ss']])
    await server.close()
  })
})

describe('a server', () => {
  it('without TLS gets nothing unless the operator says so', async () => {
    const server = await startMailServer()
    const sent = mailerAt(server.port, { query: '' }).send(mail())
    await expect(sent).rejects.toMatchObject({ code: 'MAIL_DOWN' })
    expect(server.mails).toEqual([])
    await server.close()
  })

  it('whose certificate nobody vouches for gets nothing', async () => {
    const server = await startMailServer({ secure: true })
    const sent = mailerAt(server.port, { scheme: 'smtps', query: '' }).send(mail())
    await expect(sent).rejects.toMatchObject({ code: 'MAIL_DOWN' })
    expect(server.mails).toEqual([])
    await server.close()
  })

  it('that refuses the address for good is MAIL_REFUSED, for now MAIL_DOWN; neither repeats it', async () => {
    const server = await startMailServer()
    server.setFault('refused')
    const refused = await mailerAt(server.port)
      .send(mail())
      .catch((error: unknown) => error as Error)
    expect(refused).toMatchObject({ code: 'MAIL_REFUSED', cause: undefined })
    expect(String(refused)).not.toContain('ann')
    server.setFault('later')
    await expect(mailerAt(server.port).send(mail())).rejects.toMatchObject({ code: 'MAIL_DOWN' })
    await server.close()
  })

  it('that breaks off after the mail has not taken it', async () => {
    const server = await startMailServer()
    server.setFault('after-data')
    await expect(mailerAt(server.port).send(mail())).rejects.toMatchObject({ code: 'MAIL_DOWN' })
    expect(server.mails).toEqual([])
    await server.close()
  })

  it('that is not there is MAIL_DOWN', async () => {
    const server = await startSilentServer()
    await server.close()
    await expect(mailerAt(server.port).send(mail())).rejects.toMatchObject({ code: 'MAIL_DOWN' })
  })

  it('that says nothing, or drips for ever, is hung up on in time', async () => {
    const silent = await startSilentServer()
    await expect(mailerAt(silent.port, { timeMs: 200 }).send(mail())).rejects.toMatchObject({
      code: 'MAIL_DOWN',
    })
    const dripping = await startSilentServer((socket) => {
      const drip = setInterval(() => socket.write('220-still here\r\n'), 20)
      socket.on('close', () => clearInterval(drip))
    })
    await expect(mailerAt(dripping.port, { timeMs: 200 }).send(mail())).rejects.toMatchObject({
      code: 'MAIL_DOWN',
    })
    await expect.poll(() => silent.open() + dripping.open()).toBe(0)
    await silent.close()
    await dripping.close()
  })

  it('is left at once when the node stops', async () => {
    const silent = await startSilentServer()
    const reason = new Error('stopping')
    await expect(mailerAt(silent.port).send(mail(), AbortSignal.abort(reason))).rejects.toBe(reason)
    await silent.close()
  })
})
