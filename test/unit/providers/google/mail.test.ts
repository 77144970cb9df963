/** What mail is made of: addresses, encoded words, charsets, HTML, and the history of a mailbox. */
import { describe, expect, test } from 'vitest'
import { textOfHtml } from '../../../../providers/google/html-text.js'
import { parseAddresses } from '../../../../providers/google/mail-addresses.js'
import { lastStates } from '../../../../providers/google/mail-history.js'
import { decodeBody, decodeEntities, decodeWords, MAX_TEXT } from '../../../../providers/google/mail-text.js'

describe('addresses', () => {
  test.each([
    ['a@b.example', [{ email: 'a@b.example', name: undefined }]],
    ['Ravi Menon <r@b.example>', [{ email: 'r@b.example', name: 'Ravi Menon' }]],
    [
      '"Prado, Lucía" <l@b.example>, r@b.example',
      [
        { email: 'l@b.example', name: 'Prado, Lucía' },
        { email: 'r@b.example', name: undefined },
      ],
    ],
    ['"A \\"B\\" C" <a@b.example>', [{ email: 'a@b.example', name: 'A "B" C' }]],
    [
      'Friends: a@b.example, c@d.example;',
      [
        { email: 'a@b.example', name: undefined },
        { email: 'c@d.example', name: undefined },
      ],
    ],
    ['r@b.example (Ravi, at work)', [{ email: 'r@b.example', name: undefined }]],
    ['=?utf-8?q?S=C3=A3o?= <s@b.example>', [{ email: 's@b.example', name: 'São' }]],
    ['undisclosed-recipients:;', []],
    ['', []],
    ['<<<,,,"', []],
    ['nobody', []],
  ])('of %j', (header, addresses) => {
    expect(parseAddresses(header)).toEqual(addresses)
  })

  test('a header of a hundred thousand brackets ends', () => {
    expect(parseAddresses('('.repeat(200_000))).toEqual([])
    expect(parseAddresses('a@b.example,'.repeat(5_000))).toHaveLength(500)
  })
})

describe('text', () => {
  const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')

  test('is UTF-8 where it can be, else as declared, else byte by byte', () => {
    expect(decodeBody(base64url(Buffer.from('até', 'utf8')), 'iso-8859-1')).toBe('até')
    expect(decodeBody(base64url(Buffer.from('até', 'latin1')), 'iso-8859-1')).toBe('até')
    expect(decodeBody(base64url(Buffer.from('até', 'latin1')), 'made-up')).toBe('até')
  })

  test('ends where it is too long, and is not spoilt by the cut', () => {
    const text = decodeBody(base64url(Buffer.from('é'.repeat(MAX_TEXT * 3), 'utf8')), undefined)
    expect(text).toBe('é'.repeat(MAX_TEXT))
  })

  test.each([
    ['=?utf-8?B?T3MgdGV1cw==?=', 'Os teus'],
    ['=?iso-8859-1?q?S=E3o_Jo=E3o?= =?utf-8?q?!?=', 'São João!'],
    ['=?made-up?q?S=E3o?=', '=?made-up?q?S=E3o?='],
    ['plain =? text', 'plain =? text'],
  ])('%j reads %j', (header, text) => {
    expect(decodeWords(header)).toBe(text)
  })

  test('entities are characters, and what is none stays', () => {
    expect(decodeEntities('a &amp; b &#39;c&#39; &#x2019; &made; &#0; &#xd800;')).toBe(
      "a & b 'c' ’ &made; &#0; &#xd800;",
    )
  })

  test.each([
    ['<p>One</p><p>Two<br>Three</p>', 'One\nTwo\nThree'],
    ['<style>p{}</style><SCRIPT>x<y</SCRIPT>Seen &lt;b&gt;', 'Seen <b>'],
    ['before <style> never ends', 'before'],
    ['1 < 2', '1 < 2'],
  ])('of %j one sees %j', (html, text) => {
    expect(textOfHtml(html)).toBe(text)
  })

  test('a million open tags are read once', () => {
    expect(textOfHtml('<style><p'.repeat(100_000))).toBe('')
    expect(textOfHtml('<'.repeat(1_000_000))).toHaveLength(1_000_000)
  })
})

describe('history', () => {
  const of = (id: string, ...labelIds: string[]) => [{ message: { id }, labelIds }]

  test('gives the last word on each message', () => {
    const { presentIds, goneIds } = lastStates({
      historyId: '9',
      history: [
        { messagesAdded: of('new') },
        { messagesAdded: of('short-lived') },
        { messagesDeleted: of('short-lived') },
        { labelsAdded: of('binned', 'TRASH') },
        { labelsAdded: of('restored', 'SPAM') },
        { labelsRemoved: of('restored', 'SPAM') },
        { labelsAdded: of('starred', 'STARRED'), labelsRemoved: of('read', 'UNREAD') },
      ],
    })
    expect(presentIds).toEqual(['new', 'restored'])
    expect(goneIds).toEqual(['short-lived', 'binned'])
  })

  test('without changes names nobody', () => {
    expect(lastStates({ historyId: '9' })).toEqual({ presentIds: [], goneIds: [] })
  })
})
