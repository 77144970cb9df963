/** What pages after a sign-in begin with: the service joined to the node, and whose account it is. */
import { mark } from './assets.js'
import { html, type Html } from './html.js'

export interface ConnectedHead {
  readonly provider: { readonly label: string; readonly icon: string }
  readonly account: { readonly name: string; readonly username?: string | undefined }
  readonly title: string
}

export function connectedHead({ provider, account: { name, username }, title }: ConnectedHead): Html {
  return html`<div class="join" aria-hidden="true">
      <img src="${provider.icon}" alt="" width="64" height="64" />
      <span class="tick"></span>
      <img src="${mark.href}" alt="" width="64" height="64" />
    </div>
    <p class="eyebrow good">Connected</p>
    <h1>${title}</h1>
    <p class="person">
      <span class="initials" aria-hidden="true">${initials(name)}</span>
      <span
        ><bdi class="name" dir="auto">${name}</bdi>${
          username !== undefined && html`<bdi class="soft" dir="auto">${handleOf(username)}</bdi>`
        }</span
      >
    </p>`
}

/** A mail address stands as it is. */
const handleOf = (username: string): string => (username.includes('@') ? username : `@${username}`)

/** Two letters, kept from joining into one; no picture is loaded from the service. */
function initials(name: string): string {
  return name
    .split(/\s+/)
    .map((word) => Array.from(word)[0] ?? '')
    .slice(0, 2)
    .join('\u200c')
}
