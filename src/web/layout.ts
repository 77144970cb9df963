/** The frame of every page. No inline style or script, nothing from elsewhere. */
import { liveScript, mark, styleSheet } from './assets.js'
import { html, markup, type Html } from './html.js'

export interface Frame {
  readonly title: string
  /** `wide` for pages with much to show; `card` for one message in the middle; `docs` for the API's document. */
  readonly shape: 'wide' | 'card' | 'docs'
  readonly body: Html
  /** Further files of this page. */
  readonly head?: Html
  /** Shown beside the name of the node. */
  readonly badge?: string
  /** Something runs: the page is read again until it has ended. */
  readonly live?: boolean
}

/** A whole page as text. */
export function page({ title, shape, body, head, badge, live = false }: Frame): string {
  return markup(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title>${title} · connector-node</title>
          <link rel="stylesheet" href="${styleSheet.href}" />
          <link rel="icon" href="${mark.href}" type="image/svg+xml" />
          ${head} ${live && html`<noscript><meta http-equiv="refresh" content="2" /></noscript>`}
          ${live && html`<script type="module" src="${liveScript.href}"></script>`}
        </head>
        <body class="page-${shape}">
          <header class="top">
            <a class="brand" href="/"
              ><img src="${mark.href}" alt="" width="30" height="30" />connector-node</a
            >
            ${badge !== undefined && html`<span class="badge">${badge}</span>`}
          </header>
          <main>${body}</main>
        </body>
      </html> `,
  )
}

/** A date that machines can read and people too. */
export function moment(iso: string | undefined): Html | undefined {
  if (iso === undefined || Number.isNaN(Date.parse(iso))) return undefined
  const text = new Date(iso).toLocaleString('en-GB', {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'UTC',
  })
  return html`<time datetime="${iso}">${text}</time>`
}
