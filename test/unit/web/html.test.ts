import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { connectedPage } from '../../../src/web/connected-page.js'
import { html, markup, webAddress } from '../../../src/web/html.js'

describe('a template', () => {
  it('escapes every value, in text and in attributes', () => {
    const value = `<img src=x onerror='a("b")'> & more`
    expect(markup(html`<p title="${value}">${value}</p>`)).toBe(
      '<p title="&lt;img src=x onerror=&#39;a(&quot;b&quot;)&#39;&gt; &amp; more">&lt;img src=x onerror=&#39;a(&quot;b&quot;)&#39;&gt; &amp; more</p>',
    )
  })

  it('puts templates into templates as they are, lists without commas, and nothing for nothing', () => {
    const items = ['a', '<b>'].map((item) => html`<li>${item}</li>`)
    const list = html`<ul>
      ${items}${undefined}${false}${0}
    </ul>`
    expect(markup(list).replaceAll(/\s*\n\s*/g, '')).toBe('<ul><li>a</li><li>&lt;b&gt;</li>0</ul>')
  })

  it('never lets a value add an element or end an attribute', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const text = markup(html`<a href="${value}">${value}</a>`)
        expect(text.match(/[<>]/g)).toHaveLength(4)
        expect(text.match(/"/g)).toHaveLength(2)
      }),
    )
  })
})

describe('a link to the web', () => {
  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    ' javascript:x',
    'file:///etc/passwd',
    '/path',
    '',
  ])('is not made of %s', (address) => expect(webAddress(address)).toBeUndefined())
  it('is made of http and https', () => {
    expect(webAddress('https://example.test/a')).toBe('https://example.test/a')
    expect(webAddress('http://example.test')).toBe('http://example.test')
  })
})

describe('the page after consent', () => {
  it('has exactly one button, and shows an account’s name as text', () => {
    const page = connectedPage({
      provider: { label: 'Sandbox', icon: '/assets/sandbox/icon.svg' },
      account: { name: '"><script>alert(1)</script>', username: '<b>' },
      copies: [],
      missing: [],
      link: 'https://vault.test/connection-success?provider=a&accessToken=b',
      target: 'Continue',
    })
    expect(page.match(/class="button/g)).toHaveLength(1)
    expect(page).not.toContain('<script>')
    expect(page).toContain('href="https://vault.test/connection-success?provider=a&amp;accessToken=b"')
  })
})
