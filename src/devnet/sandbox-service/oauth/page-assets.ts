/** The style sheet and drawings of the pages, as text, so that they travel with the code. */
import { escapeHtml } from '../content/sentences.js'
import type { Person } from '../content/people.js'

export const logo = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="9" fill="#d97706"/><path d="M6 21c3-6 6-8 10-8s7 2 10 8z" fill="#fde68a"/><path d="M16 13V6l6 2.6-6 2.6" fill="#fff" stroke="#fff" stroke-width="1.4" stroke-linejoin="round"/><rect x="5" y="21" width="22" height="4" rx="2" fill="#fff"/></svg>`

/** Two letters on two colours. */
export function avatar(person: Person): string {
  const letters = person.name
    .split(/\s+/)
    .map((word) => Array.from(word)[0] ?? '')
    .slice(0, 2)
    // Arabic letters would join into one; a thin gap keeps them apart.
    .join(/\p{Script=Arabic}/u.test(person.name) ? '\u200c' : '')
  const [dark, light] = person.colours
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><defs><linearGradient id="g" x2="1" y2="1"><stop stop-color="${light}"/><stop offset=".9" stop-color="${dark}"/></linearGradient></defs><rect width="64" height="64" rx="32" fill="url(#g)"/><text x="32" y="33" font-family="system-ui,sans-serif" font-size="24" font-weight="600" fill="#fff" text-anchor="middle" dominant-baseline="central">${escapeHtml(letters)}</text></svg>`
}

export const styleSheet = `
:root { color-scheme: light dark; --ink: #1c1917; --soft: #57534e; --line: #e7e5e4; --card: #fff; --ground: #f5f1ea; --accent: #b45309; --accent-ink: #fff; --tint: #fef3c7 }
@media (prefers-color-scheme: dark) { :root { --ink: #f5f5f4; --soft: #a8a29e; --line: #3f3a36; --card: #211e1c; --ground: #141210; --accent: #f59e0b; --accent-ink: #1c1917; --tint: #3b2c10 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-content: center; justify-items: center; gap: .7rem; padding: 1rem; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, "Segoe UI", Roboto, sans-serif }
main { width: min(30rem, calc(100vw - 2rem)); background: var(--card); border: 1px solid var(--line); border-radius: 1.1rem; padding: 1.3rem 1.6rem 1.1rem; box-shadow: 0 12px 40px rgb(60 40 10 / .09) }
header { display: flex; align-items: center; gap: .55rem; font-weight: 650 }
header small { margin-inline-start: auto; font-weight: 400; color: var(--soft); border: 1px solid var(--line); border-radius: 1rem; padding: .05rem .6rem }
h1 { font-size: 1.25rem; line-height: 1.3; font-weight: 400; margin: .9rem 0 .8rem; text-wrap: balance }
h1 strong { font-weight: 650 }
fieldset { border: 0; margin: 0 0 .9rem; padding: 0 }
legend { padding: 0; margin-bottom: .45rem; color: var(--soft); font-size: .875rem }
.people { display: grid; gap: .4rem }
.person { display: flex; align-items: center; gap: .8rem; padding: .4rem .75rem; border: 1px solid var(--line); border-radius: .8rem; cursor: pointer }
.person:hover { border-color: var(--accent) }
.person:has(:checked) { border-color: var(--accent); background: var(--tint); box-shadow: inset 0 0 0 1px var(--accent) }
.person input { order: 3; margin-inline-start: auto }
input { accent-color: var(--accent); width: 1.05rem; height: 1.05rem; flex: none }
.person > span, .scopes label > span { display: grid; min-width: 0 }
.name { justify-self: start }
.name, .title { font-weight: 600 }
.about, .detail { color: var(--soft); font-size: .84rem; line-height: 1.3 }
.scopes { list-style: none; margin: 0; padding: 0; border: 1px solid var(--line); border-radius: .8rem }
.scopes li + li { border-top: 1px solid var(--line) }
.scopes label { display: flex; gap: .8rem; padding: .4rem .75rem; cursor: pointer }
.scopes input { margin: .25rem 0 0 }
.scopes em { font-style: normal; font-weight: 400; font-size: .75rem; color: var(--soft); margin-inline-start: .3rem }
.decision { display: flex; flex-direction: row-reverse; gap: .7rem }
button { flex: 1; font: inherit; font-weight: 600; padding: .6rem 1rem; border-radius: .8rem; border: 1px solid var(--line); background: transparent; color: inherit; cursor: pointer }
button.allow { flex: 2; background: var(--accent); border-color: var(--accent); color: var(--accent-ink) }
button:hover { filter: brightness(1.08) }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
.fine, footer { color: var(--soft); font-size: .8125rem }
.fine { margin: .8rem 0 0 }
`
