/** The page after consent: whose account it is, and one button that hands the connection to the Vault. */
import { connectedHead, type ConnectedHead } from './connected-head.js'
import { html } from './html.js'
import { page } from './layout.js'
import { missingPermissions } from './missing-permissions.js'

export interface ConnectedView extends Pick<ConnectedHead, 'provider' | 'account'> {
  /** What will be copied. */
  readonly copies: readonly string[]
  /** Permissions that were not given. */
  readonly missing: readonly string[]
  readonly link: string
  /** Where the button leads, in words. */
  readonly target: string
}

export function connectedPage({ provider, account, copies, missing, link, target }: ConnectedView): string {
  const body = html`<article class="sheet center">
    ${connectedHead({ provider, account, title: `${provider.label} is ready for your Vault` })}
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
