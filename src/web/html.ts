/** HTML as text that cannot be forgotten to be escaped: every value put into a template is, unless it is HTML itself. */

const TEXT = Symbol('html')

/** Made only by `html`, `markup` and `join`. */
export interface Html {
  readonly [TEXT]: string
}

export type HtmlValue = Html | string | number | undefined | false | readonly Html[]

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** For element content and quoted attributes. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}

/** `undefined` and `false` put nothing. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const text = parts.reduce((all, part, index) => all + textOf(values[index - 1]) + part)
  return { [TEXT]: text }
}

/** The text of a page or a part of it. */
export function markup(page: Html): string {
  return page[TEXT]
}

function textOf(value: HtmlValue): string {
  if (value === undefined || value === false) return ''
  if (typeof value === 'string' || typeof value === 'number') return escaped(String(value))
  if (TEXT in value) return value[TEXT]
  return value.map((part) => part[TEXT]).join('')
}

/** The address when it is one of the web; nothing for `javascript:` and its kind. */
export function webAddress(text: string | undefined): string | undefined {
  if (text === undefined || !URL.canParse(text)) return undefined
  return /^https?:$/.test(new URL(text).protocol) ? text : undefined
}
