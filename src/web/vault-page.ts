/** The practice Vault: what is connected, how far a run is, and the decrypted records by schema. */
import { html, type Html } from './html.js'
import { moment, page } from './layout.js'
import { schemaSection, type SchemaView } from './record-sections.js'

export interface StepView {
  readonly label: string
  readonly state: 'waiting' | 'running' | 'done' | 'failed'
  readonly detail?: string | undefined
}

export interface ConnectionView {
  readonly id: string
  readonly label: string
  readonly icon: string
  readonly account?: string | undefined
  readonly state: 'running' | 'ready' | 'failed'
  readonly steps: readonly StepView[]
  readonly syncedAt?: string | undefined
  /** Where the buttons send their forms. */
  readonly syncPath: string
  readonly disconnectPath: string
}

export interface VaultView {
  readonly did: string
  readonly connections: readonly ConnectionView[]
  readonly schemas: readonly SchemaView[]
  /** What can be connected and is not. */
  readonly offers: readonly { readonly label: string; readonly icon: string; readonly connect: string }[]
}

export function vaultPage(view: VaultView): string {
  const isRunning = view.connections.some(({ state }) => state === 'running')
  const body = html`<section class="hero slim">
      <h1>Practice Vault</h1>
      <p class="lead">
        It plays your Vault on this machine, with Verida's own client in a process of its own: it asks the
        node to sync, pulls the sealed databases from the storage nodes, and decrypts them here.
      </p>
      <p class="fine">Owner <code class="long">${view.did}</code></p>
    </section>
    <div data-live="${isRunning ? 'running' : 'still'}">
      <section aria-labelledby="connections">
        <h2 id="connections">Connections</h2>
        ${view.connections.length === 0 && html`<p class="empty">Nothing is connected yet. Choose a service below.</p>`}
        ${view.connections.map(connection)}
        ${
          view.offers.length > 0 &&
          html`<ul class="offers">
            ${view.offers.map(
              ({ label, icon, connect }) =>
                html`<li>
                  <a class="offer" href="${connect}"
                    ><img src="${icon}" alt="" width="28" height="28" />Connect ${label}</a
                  >
                </li>`,
            )}
          </ul>`
        }
      </section>
      ${
        view.schemas.length > 0 &&
        html`<section aria-labelledby="records">
          <h2 id="records">Decrypted records</h2>
          <nav class="jump" aria-label="Schemas">
            ${view.schemas.map(
              ({ id, title, total }) =>
                html`<a href="#${id}">${title} <span class="count">${total}</span></a>`,
            )}
          </nav>
          ${view.schemas.map(schemaSection)}
          <p class="fine">Times are in UTC.</p>
        </section>`
      }
    </div>`
  return page({ title: 'Practice Vault', shape: 'wide', badge: 'development', live: isRunning, body })
}

const STATES = { running: 'Running', ready: 'In step', failed: 'Failed' } as const

function connection(view: ConnectionView): Html {
  const { id, label, icon, account, state, steps, syncedAt, syncPath, disconnectPath } = view
  const isRunning = state === 'running'
  return html`<article class="card connection">
    <div class="card-head">
      <img src="${icon}" alt="" width="44" height="44" />
      <div>
        <h3>${label}</h3>
        <span class="soft"
          >${account !== undefined && html`<bdi dir="auto">${account}</bdi>`}${
            account !== undefined && syncedAt !== undefined && ' · '
          }${syncedAt !== undefined && html`synced ${moment(syncedAt)}`}</span
        >
      </div>
      <span class="state ${state}" role="status">${STATES[state]}</span>
    </div>
    <ol class="progress">
      ${steps.map(
        (step) =>
          html`<li class="${step.state}">
            <strong>${step.label}</strong>${step.detail !== undefined && html`<span>${step.detail}</span>`}
          </li>`,
      )}
    </ol>
    ${
      !isRunning &&
      html`<div class="actions">
        ${button({ id: `sync-${id}`, action: syncPath, text: 'Sync again', look: '' })}
        ${button({ id: `disconnect-${id}`, action: disconnectPath, text: 'Disconnect', look: 'quiet' })}
      </div>`
    }
  </article>`
}

interface Button {
  readonly id: string
  readonly action: string
  readonly text: string
  readonly look: string
}

function button({ id, action, text, look }: Button): Html {
  return html`<form method="post" action="${action}">
    <button id="${id}" class="button ${look}">${text}</button>
  </form>`
}
