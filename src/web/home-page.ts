/** The start page: what this node is, and what it can connect. */
import { html, type Html } from './html.js'
import { page } from './layout.js'

export interface ProviderCard {
  readonly label: string
  readonly description: string
  readonly icon: string
  /** What is copied. */
  readonly copies: readonly string[]
  readonly state:
    | { readonly kind: 'ready'; readonly connect?: string | undefined }
    /** Names are shown to whoever runs the node, not to the public. */
    | { readonly kind: 'unset'; readonly settings: readonly string[] }
}

export interface HomeView {
  readonly providers: readonly ProviderCard[]
  /** The node's own local network and practice Vault. */
  readonly development: boolean
  /** Address of the practice Vault's page. */
  readonly vault?: string | undefined
}

const STEPS = [
  ['Fetch', 'from the service, page by page'],
  ['Seal', 'record by record, under your key'],
  ['Replicate', 'to every storage node'],
  ['Prove', 'that each of them holds it'],
  ['Erase', 'the copy here, and only then'],
] as const

export function homePage({ providers, development, vault }: HomeView): string {
  const body = html`<section class="hero">
      <h1>Your data, brought to where only you can read it.</h1>
      <p class="lead">
        This node connects an account you have elsewhere, converts what is in it to open schemas, and hands it
        to your Vault. Nothing is erased here before every storage node has been seen to hold it.
      </p>
      <ol class="steps">
        ${STEPS.map(([name, what]) => html`<li><strong>${name}</strong><span>${what}</span></li>`)}
      </ol>
    </section>
    <section aria-labelledby="catalog">
      <div class="bar">
        <h2 id="catalog">What can be connected</h2>
        ${vault !== undefined && html`<a class="button quiet small" href="${vault}">Open the practice Vault</a>`}
      </div>
      <ul class="cards">
        ${providers.map(providerCard)}
      </ul>
      ${!development && html`<p class="soft">Connect from your Vault: open its list of connections and choose a service.</p>`}
    </section>
    <footer class="foot">
      <a href="/providers">Catalog as JSON</a><a href="/healthz">Health</a><a href="/readyz">Readiness</a>
    </footer>`
  return page({ title: 'Start', shape: 'wide', body, ...(development && { badge: 'development' }) })
}

function providerCard({ label, description, icon, copies, state }: ProviderCard): Html {
  return html`<li class="card">
    <div class="card-head">
      <img src="${icon}" alt="" width="44" height="44" />
      <div>
        <h3>${label}</h3>
        ${
          state.kind === 'ready'
            ? html`<span class="state good">Ready</span>`
            : html`<span class="state">Not set up</span>`
        }
      </div>
    </div>
    <p>${description}</p>
    <ul class="tags">
      ${copies.map((copy) => html`<li>${copy}</li>`)}
    </ul>
    ${state.kind === 'unset' && state.settings.length > 0 && html`<p class="fine">Set ${codes(state.settings)}</p>`}
    ${
      state.kind === 'ready' &&
      state.connect !== undefined &&
      html`<p class="actions"><a class="button" href="${state.connect}">Connect ${label}</a></p>`
    }
  </li>`
}

function codes(names: readonly string[]): readonly Html[] {
  return names.map((name, index) => html`${index > 0 && ', '}<code>${name}</code>`)
}
