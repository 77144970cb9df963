/** The page after consent: whose account it is, and one button that hands the connection to the Vault. */
import { html } from './html.js'
import { mark } from './assets.js'
import { page } from './layout.js'
import { missingPermissions } from './missing-permissions.js'

export interface ConnectedView {
  readonly provider: { readonly label: string; readonly icon: string }
  readonly account: { readonly name: string; readonly username?: string | undefined }
  /** What will be copied. */
  readonly copies: readonly string[]
  /** Permissions that were not given. */
  readonly missing: readonly string[]
  readonly link: string
  /** Where the button leads, in words. */
  readonly target: string
}

export function connectedPage({ provider, account, copies, missing, link, target }: ConnectedView): string {
  const { name, username } = account
  const body = html`<article class="sheet center">
    <div class="join" aria-hidden="true">
      <img src="${provider.icon}" alt="" width="64" height="64" />
      <span class="tick"></span>
      <img src="${mark.href}" alt="" width="64" height="64" />
    </div>
    <p class="eyebrow good">Connected</p>
    <h1>${provider.label} is ready for your Vault</h1>
    <p class="person">
      <span class="initials" aria-hidden="true">${initials(name)}</span>
      <span
        ><bdi class="name" dir="auto">${name}</bdi>${
          username !== undefined && html`<bdi class="soft" dir="auto">@${username}</bdi>`
        }</span
      >
    </p>
    ${
      copies.length > 0 &&
      html`<ul class="tags">
        ${copies.map((label) => html`<li>${label}</li>`)}
      </ul>`
    }
    ${missingPermissions(missing)}
    <p class="actions"><a class="button" href="${link}" rel="noreferrer">${target}</a></p>
    <p class="fine">
      The button hands your Vault a sealed key to this connection and starts the first sync. Only your Vault
      can use it.
    </p>
  </article>`
  return page({ title: `${provider.label} connected`, shape: 'card', body })
}

/** Two letters, kept from joining into one; no picture is loaded from the service. */
function initials(name: string): string {
  return name
    .split(/\s+/)
    .map((word) => Array.from(word)[0] ?? '')
    .slice(0, 2)
    .join('\u200c')
}
