/** What a person sees at a service's own sign-in, for tests in a browser: a form for an address, and one to allow or cancel. */
import { html, markup, type Html } from '../../src/web/html.js'

export const signInPage = (): string =>
  frame(
    'Sign in',
    html`<label>Email <input type="email" name="email" required autofocus /></label>
      <button name="answer" value="next">Next</button>`,
  )

export const consentPage = (account: string, scopes: readonly string[]): string =>
  frame(
    'Allow access?',
    html`<p>${account}</p>
      <ul>
        ${scopes.map((scope) => html`<li>${scope}</li>`)}
      </ul>
      <button name="answer" value="allow">Allow</button>
      <button name="answer" value="cancel">Cancel</button>`,
  )

/** Without an address of its own, a form goes to where it came from. */
function frame(title: string, body: Html): string {
  return markup(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>${title}</title>
          <link rel="icon" href="data:," />
        </head>
        <body>
          <main>
            <h1>${title}</h1>
            <form method="post">${body}</form>
          </main>
        </body>
      </html> `,
  )
}
