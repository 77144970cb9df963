/** The page after a sign-in whose application named no address of its own: all is done, the window may go. */
import { connectedHead, type ConnectedHead } from './connected-head.js'
import { html } from './html.js'
import { page } from './layout.js'
import { missingPermissions } from './missing-permissions.js'

export interface ConnectorPageView extends Pick<ConnectedHead, 'provider' | 'account'> {
  /** Permissions that were not given. */
  readonly missing: readonly string[]
}

export function connectorPage({ provider, account, missing }: ConnectorPageView): string {
  const body = html`<article class="sheet center">
    ${connectedHead({ provider, account, title: `${provider.label} is connected` })}
    ${missingPermissions(missing)}
    <p class="fine">You can close this window and go back to where you came from.</p>
  </article>`
  return page({ title: `${provider.label} connected`, shape: 'card', body })
}
