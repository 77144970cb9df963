import { describe, expect, it } from 'vitest'
import { isMailAddress, isSameMailbox, readSender } from '../../../src/lib/mail-address.js'

describe('an address', () => {
  it.each(['ann@app.example', 'a.b+c@x-y.example.org', "o'hara@mail.example", 'x@xn--bcher-kva.example'])(
    '%s is one',
    (text) => expect(isMailAddress(text)).toBe(true),
  )
  it.each([
    '',
    'ann',
    'ann@',
    '@app.example',
    'ann@localhost',
    'ann@app..example',
    '.ann@app.example',
    'ann @app.example',
    'ann@app.example\r\nBcc: all@app.example',
    'ann@app.example\n',
    'ann@app.example, bob@app.example',
    'Ann <ann@app.example>',
    '"ann"@app.example',
    'ann@app.example(comment)',
    'ann@[127.0.0.1]',
    'ann@b@app.example',
    'änn@app.example',
    `${'a'.repeat(65)}@app.example`,
    `ann@${'a.'.repeat(130)}example`,
    '\u0000ann@app.example',
  ])('%j is none', (text) => expect(isMailAddress(text)).toBe(false))
})

describe('a sender', () => {
  it('has a name or none', () => {
    expect(readSender('Calendar team <team@app.example>')).toEqual({
      name: 'Calendar team',
      address: 'team@app.example',
    })
    expect(readSender('team@app.example')).toEqual({ name: '', address: 'team@app.example' })
  })
  it.each(['team', 'A\r\nBcc: x <a@b.example>', 'A <a@b.example> <c@d.example>', '<>', 'A <a@b.example'])(
    '%j is none',
    (text) => expect(readSender(text)).toBeUndefined(),
  )
})

describe('two addresses', () => {
  it('are one mailbox whatever their case, and at Gmail their dots', () => {
    expect(isSameMailbox('Ann@App.example', 'ann@app.example')).toBe(true)
    expect(isSameMailbox('a.nn@gmail.com', 'ann@googlemail.com')).toBe(true)
    expect(isSameMailbox('a.nn@app.example', 'ann@app.example')).toBe(false)
    expect(isSameMailbox('ann@app.example', 'bob@app.example')).toBe(false)
  })
})
