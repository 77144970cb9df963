/** The page after a sign-in whose application named no address of its own: all is done, the window may go. */
import { mark } from './assets.js'
import { html } from './html.js'
import { page } from './layout.js'
import { missingPermissions } from './missing-permissions.js'

export interface ConnectorPageView {
  readonly provider: { readonly label: string; readonly icon: string }
  /** Permissions that were not given. */
  readonly missing: readonly string[]
}

export function connectorPage({ provider, missing }: ConnectorPageView): string {
  const body = html`<article class="sheet center">
    <div class="join" aria-hidden="true">
      <img src="${provider.icon}" alt="" width="64" height="64" />
      <span class="tick"></span>
      <img src="${mark.href}" alt="" width="64" height="64" />
    </div>
    <p class="eyebrow good">Connected</p>
    <h1>${provider.label} is connected</h1>
    ${missingPermissions(missing)}
    <p class="fine">You can close this window and go back to where you came from.</p>
  </article>`
  return page({ title: `${provider.label} connected`, shape: 'card', body })
}
