/** Records of one schema as people read them: posts as cards, people as a grid, everything else as a table. */
import { html, webAddress, type Html } from './html.js'
import { moment } from './layout.js'

export interface PostView {
  readonly title?: string | undefined
  readonly text?: string | undefined
  readonly kind?: string | undefined
  readonly at?: string | undefined
  readonly href?: string | undefined
}

export interface PersonView {
  readonly name: string
  readonly about?: string | undefined
  readonly since?: string | undefined
  readonly href?: string | undefined
}

export type Cell =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'moment'; readonly at: string | undefined }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string | undefined }

export type Shown =
  | { readonly kind: 'posts'; readonly posts: readonly PostView[] }
  | { readonly kind: 'people'; readonly people: readonly PersonView[] }
  | {
      readonly kind: 'table'
      readonly columns: readonly string[]
      readonly rows: readonly (readonly Cell[])[]
    }

export interface SchemaView {
  /** Names the section in the page's address. */
  readonly id: string
  readonly title: string
  /** Full URI. */
  readonly schema: string
  readonly total: number
  /** How many of them are shown. */
  readonly count: number
  readonly shown: Shown
}

export function schemaSection({ id, title, schema, total, count, shown }: SchemaView): Html {
  return html`<section class="schema" id="${id}" aria-labelledby="${id}-title">
    <div class="bar">
      <h3 id="${id}-title">${title} <span class="count">${total}</span></h3>
      <code class="long soft">${schema}</code>
    </div>
    ${show(shown)} ${count < total && html`<p class="fine">${count} of ${total} are shown.</p>`}
  </section>`
}

function show(shown: Shown): Html {
  switch (shown.kind) {
    case 'posts':
      return html`<ul class="posts">
        ${shown.posts.map(post)}
      </ul>`
    case 'people':
      return html`<ul class="people">
        ${shown.people.map(person)}
      </ul>`
    case 'table':
      return table(shown.columns, shown.rows)
  }
}

function post({ title, text, kind, at, href }: PostView): Html {
  const isSame = title === undefined || (text ?? '').startsWith(title.replace(/…$/, ''))
  return html`<li class="post">
    ${!isSame && html`<h4 dir="auto">${title}</h4>`}
    <p dir="auto">${text ?? title}</p>
    <p class="fine">${moment(at)}${kind !== undefined && html` · ${kind}`}${opened(href)}</p>
  </li>`
}

function opened(href: string | undefined): Html | undefined {
  const address = webAddress(href)
  return address === undefined
    ? undefined
    : html` · <a href="${address}" rel="noreferrer noopener">source</a>`
}

function person({ name, about, since, href }: PersonView): Html {
  return html`<li class="who">
    <span class="initials" aria-hidden="true">${Array.from(name)[0]}</span>
    <span
      >${linked(name, href)}${about !== undefined && html`<span class="fine" dir="auto">${about}</span>`}<span
        class="fine"
        >${since !== undefined && html`since ${moment(since)}`}</span
      ></span
    >
  </li>`
}

function linked(text: string, href: string | undefined): Html {
  const address = webAddress(href)
  return address === undefined
    ? html`<bdi dir="auto">${text}</bdi>`
    : html`<a href="${address}" rel="noreferrer noopener"><bdi dir="auto">${text}</bdi></a>`
}

function table(columns: readonly string[], rows: readonly (readonly Cell[])[]): Html {
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Table">
    <table>
      <thead>
        <tr>
          ${columns.map((column) => html`<th scope="col">${column}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map(cell)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

function cell(content: Cell): Html {
  switch (content.kind) {
    case 'text':
      return html`<td><bdi dir="auto">${content.text}</bdi></td>`
    case 'number':
      return html`<td class="number">${content.text}</td>`
    case 'moment':
      return html`<td class="when">${moment(content.at)}</td>`
    case 'link':
      return html`<td>${linked(content.text, content.href)}</td>`
  }
}
