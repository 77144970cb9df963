/** The form on which a person enters what an account is connected with. It works without a script, and shows no secret that was entered before. */
import { html, type Html } from './html.js'
import { page } from './layout.js'

export interface EntryFieldView {
  readonly name: string
  readonly kind: 'text' | 'secret' | 'host' | 'origin' | 'choice'
  readonly label: string
  readonly help: string
  readonly optional: boolean
  readonly multiline: boolean
  readonly example: string | undefined
  readonly value: string | undefined
  readonly error: string | undefined
  /** What the value becomes, around it: `.myshopify.com`. */
  readonly suffix: string | undefined
  readonly choices: readonly { readonly value: string; readonly label: string }[]
}

export interface EntryPageView {
  readonly provider: { readonly label: string; readonly icon: string }
  /** Where the form is sent to. */
  readonly action: string
  readonly state: string
  readonly fields: readonly EntryFieldView[]
  /** What went wrong and is no field's fault. */
  readonly error: string | undefined
  /** Whether the person goes on to the service to sign in. */
  readonly goesOut: boolean
  /** The other ways to connect. */
  readonly others: readonly { readonly label: string; readonly state: string }[]
}

export function entryPage(view: EntryPageView): string {
  const { provider, action, state, fields, error, goesOut, others } = view
  const body = html`<article class="sheet">
    <div class="join"><img src="${provider.icon}" alt="" width="64" height="64" /></div>
    <h1>Connect ${provider.label}</h1>
    ${error !== undefined && html`<div class="note bad" role="alert">${error}</div>`}
    <form class="entry" method="post" action="${action}" autocomplete="off">
      <input type="hidden" name="_state" value="${state}" />
      ${fields.map(fieldOf)}
      <p class="actions">
        <button class="button" type="submit">${goesOut ? `Continue to ${provider.label}` : 'Connect'}</button>
      </p>
    </form>
    ${others.map(
      (other) =>
        html`<form class="other-way" method="post" action="${action}">
          <input type="hidden" name="_state" value="${other.state}" />
          <button class="fine" type="submit" name="_choice" value="1">${other.label}</button>
        </form>`,
    )}
    <p class="fine">What you enter is used to read your data at ${provider.label}, and is kept sealed.</p>
  </article>`
  return page({ title: `Connect ${provider.label}`, shape: 'card', body })
}

function fieldOf(field: EntryFieldView): Html {
  const { name, label, help, optional, error, example } = field
  return html`<div class="field${error !== undefined && ' wrong'}">
    <label for="field-${name}">${label}${optional && html` <span class="soft">(optional)</span>`}</label>
    ${controlOf(field)}
    ${error !== undefined && html`<p class="wrong-why" id="error-${name}" role="alert">${error}</p>`}
    <p class="fine" id="help-${name}">
      ${help}${example !== undefined && html` Example: <code>${example}</code>`}
    </p>
  </div>`
}

function controlOf(field: EntryFieldView): Html {
  const { name, kind, value, optional, error, multiline, suffix, choices } = field
  const described = error === undefined ? `help-${name}` : `error-${name} help-${name}`
  const invalid = error === undefined ? 'false' : 'true'
  const required = !optional && html`required`
  if (kind === 'choice')
    return html`<select
      id="field-${name}"
      name="${name}"
      aria-describedby="${described}"
      aria-invalid="${invalid}"
      ${required}
    >
      ${choices.map(
        (choice) =>
          html`<option value="${choice.value}" ${choice.value === value && html`selected`}>
            ${choice.label}
          </option>`,
      )}
    </select>`
  if (multiline)
    return html`<textarea
      id="field-${name}"
      name="${name}"
      rows="6"
      spellcheck="false"
      aria-describedby="${described}"
      aria-invalid="${invalid}"
      ${required}
    >
${value ?? ''}</textarea>`
  return html`<span class="entered"
    ><input
      id="field-${name}"
      name="${name}"
      type="${kind === 'secret' ? 'password' : 'text'}"
      value="${value ?? ''}"
      autocomplete="off"
      autocapitalize="none"
      spellcheck="false"
      aria-describedby="${described}"
      aria-invalid="${invalid}"
      ${required}
    />${suffix !== undefined && html`<span class="soft">${suffix}</span>`}</span
  >`
}
