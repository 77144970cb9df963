/** The part of a page that names permissions which were not given; nothing when all were. */
import { html, type Html } from './html.js'

/** `missing`: the reasons of the permissions, for people. */
export function missingPermissions(missing: readonly string[]): Html | false {
  return (
    missing.length > 0 &&
    html`<div class="note" role="note">
      <strong>Some permissions were not given.</strong>
      What needs them is left out; connect again to give them.
      <ul>
        ${missing.map((reason) => html`<li>${reason}</li>`)}
      </ul>
    </div>`
  )
}
