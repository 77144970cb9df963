/** What a person sees when something did not work: what happened, and what to do. Nothing of the request is repeated. */
import { html } from './html.js'
import { page } from './layout.js'

export interface ErrorView {
  readonly status: number
  readonly title: string
  readonly sentence: string
  /** Facts of this case that its person may see. */
  readonly notes?: readonly string[]
  readonly advice: string
  /** For whoever is asked for help; the log has it too. */
  readonly requestId: string | undefined
}

export function errorPage({ status, title, sentence, notes = [], advice, requestId }: ErrorView): string {
  const body = html`<article class="sheet">
    <p class="eyebrow">${status}</p>
    <h1>${title}</h1>
    <p class="lead">${sentence}</p>
    ${notes.map((note) => html`<p class="note">${note}</p>`)}
    <p>${advice}</p>
    <p class="actions"><a class="button quiet" href="/">To the start page</a></p>
    ${requestId !== undefined && html`<p class="fine">Request <code>${requestId}</code></p>`}
  </article>`
  return page({ title, shape: 'card', body })
}
