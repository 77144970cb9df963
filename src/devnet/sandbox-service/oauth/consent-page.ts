/** The pages a person sees, as HTML text. Everything that came from outside is escaped. */
import { escapeHtml } from '../content/sentences.js'
import type { Person } from '../content/people.js'
import type { AuthorizeRequest } from './authorize-request.js'
import type { Client } from './client.js'
import { scopeTexts, type Scope } from './scopes.js'

export interface ConsentFacts {
  /** The id of the open question. */
  readonly id: string
  readonly client: Client
  readonly request: AuthorizeRequest
  readonly people: readonly Person[]
}

export function consentPage({ id, client, request, people }: ConsentFacts): string {
  const scopes = request.scopes.map(scopeRow).join('')
  return pageFrame(
    `Connect ${client.name}`,
    `<form method="post" action="/oauth/authorize">
  <input type="hidden" name="request" value="${escapeHtml(id)}">
  <h1><strong>${escapeHtml(client.name)}</strong> asks to read from your Sandbox account</h1>
  <fieldset><legend>Which account?</legend><div class="people">${people.map(personCard).join('')}</div></fieldset>
  <fieldset><legend>What it may read</legend><ul class="scopes">${scopes}</ul></fieldset>
  <div class="decision">
    <button class="allow" name="decision" value="allow">Allow</button>
    <button class="deny" name="decision" value="deny" formnovalidate>Deny</button>
  </div>
  <p class="fine">It can read what is ticked and change nothing. You will go back to <bdi>${escapeHtml(new URL(request.redirectUri).origin)}</bdi>.</p>
</form>`,
  )
}

/** What went wrong before there was anybody to ask. */
export function problemPage(sentence: string): string {
  return pageFrame('This cannot go on', `<h1>This cannot go on</h1><p>${escapeHtml(sentence)}</p>`)
}

/** The front page, for people who wonder what this address is. */
export function frontPage(): string {
  return pageFrame(
    'Sandbox',
    `<h1>A practice service</h1>
<p>It plays an outside service with an OAuth 2.0 sign-in and an API, so that a connector can be tried without an account anywhere. Its people and all they wrote are made up.</p>
<p class="fine">Connect it from your node: the sandbox provider in the catalog leads here.</p>`,
  )
}

function personCard(person: Person, at: number): string {
  const checked = at === 0 ? ' checked' : ''
  return `<label class="person"><input type="radio" name="person" value="${person.id}" required${checked}>
<img src="/avatars/${person.id}.svg" alt="" width="38" height="38">
<span><bdi class="name" dir="auto">${escapeHtml(person.name)}</bdi><span class="about">${escapeHtml(person.about)}</span></span></label>`
}

function scopeRow(scope: Scope): string {
  const { title, detail } = scopeTexts[scope]
  const fixed = scope === 'profile'
  const box = fixed
    ? '<input type="checkbox" checked disabled>'
    : `<input type="checkbox" name="scope_${scope}" value="1" checked>`
  return `<li><label>${box}<span><span class="title">${title}${fixed ? ' <em>always</em>' : ''}</span><span class="detail">${detail}</span></span></label></li>`
}

function pageFrame(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · Sandbox</title><link rel="stylesheet" href="/assets/sandbox.css"><link rel="icon" href="/assets/sandbox.svg">
</head><body><main><header><img src="/assets/sandbox.svg" alt="" width="28" height="28"><span>Sandbox</span><small>practice service</small></header>
${body}
</main><footer>Runs on this machine. People and posts are made up.</footer></body></html>
`
}
