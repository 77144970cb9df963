/** The page that shows the API's document: Swagger UI, with its files served from here. */
import { docsScript, docsStyle } from './assets.js'
import { html } from './html.js'
import { page } from './layout.js'

export interface DocsFiles {
  readonly bundle: string
  readonly style: string
}

export function docsPage({ bundle, style }: DocsFiles): string {
  return page({
    title: 'API',
    shape: 'docs',
    head: html`<link rel="stylesheet" href="${style}" />
      <link rel="stylesheet" href="${docsStyle.href}" />
      <script defer src="${bundle}"></script>
      <script defer src="${docsScript.href}"></script>`,
    body: html`<div id="document"></div>
      <noscript
        ><p>The document itself is at <a href="/openapi.json">/openapi.json</a>.</p></noscript
      >`,
  })
}
