/** The mail that invites a person to connect an account: the same words as text and as HTML. */
import { html, markup } from '../web/html.js'
import { THEME } from '../web/theme.js'

export interface InvitationFacts {
  /** What is connected, such as `Google Calendar`. */
  readonly label: string
  /** Leads to this node, and from there to the provider. */
  readonly link: string
  /** What will be read, a sentence each. */
  readonly reasons: readonly string[]
  /** The only account that may be chosen. */
  readonly account: string | undefined
  readonly expiresAtMs: number
}

export interface Letter {
  readonly subject: string
  readonly text: string
  readonly html: string
}

export function writeInvitation(facts: InvitationFacts): Letter {
  const subject = `Connect your ${facts.label}`
  return { subject, text: asText(facts), html: asHtml(subject, facts) }
}

const opening = (label: string): string => `You have been invited to connect your ${label}.`
const only = (account: string): string => `Please choose the account ${account}: no other one is taken.`
const until = (atMs: number): string => {
  const day = new Date(atMs).toLocaleString('en-GB', {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'UTC',
  })
  return `The link is for you alone. It works once, until ${day} (UTC).`
}
const STRANGER = 'If you did not expect this mail, do nothing: nothing is connected without you.'

function asText({ label, link, reasons, account, expiresAtMs }: InvitationFacts): string {
  return [
    opening(label),
    '',
    'Open this link and sign in:',
    '',
    link,
    '',
    ...(account === undefined ? [] : [only(account), '']),
    'You will be asked to allow:',
    ...reasons.map((reason) => `  - ${reason}`),
    '',
    until(expiresAtMs),
    '',
    STRANGER,
    '',
  ].join('\n')
}

/** Tables and styles in place: what every reader of mail understands, without a picture or a font from elsewhere. */
function asHtml(subject: string, { label, link, reasons, account, expiresAtMs }: InvitationFacts): string {
  const { light, fonts } = THEME
  const cell = `padding:40px;background:${light.card};border:1px solid ${light.line};border-radius:16px`
  const button = `display:inline-block;padding:14px 24px;border-radius:10px;background:${light.accent};color:${light.accentInk};font-weight:600;text-decoration:none`
  const fine = `margin:24px 0 0;font-size:14px;color:${light.soft}`
  return markup(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>${subject}</title>
        </head>
        <body
          style="margin:0;padding:32px 16px;background:${light.ground};color:${light.ink};font:16px/1.5 ${fonts.sans}"
        >
          <table role="presentation" align="center" width="100%" style="max-width:560px;margin:0 auto">
            <tr>
              <td style="${cell}">
                <h1 style="margin:0 0 16px;font-size:24px;line-height:1.25">${subject}</h1>
                <p style="margin:0 0 24px">${opening(label)}</p>
                <p style="margin:0 0 24px"><a href="${link}" style="${button}">Connect ${label}</a></p>
                ${account !== undefined && html`<p style="margin:0 0 24px">${only(account)}</p>`}
                <p style="margin:0 0 8px">You will be asked to allow:</p>
                <ul style="margin:0;padding-left:20px">
                  ${reasons.map((reason) => html`<li>${reason}</li>`)}
                </ul>
                <p style="${fine}">${until(expiresAtMs)}</p>
                <p style="${fine}">${STRANGER}</p>
                <p style="${fine};word-break:break-all">
                  If the button does not work, open this address: <br />${link}
                </p>
              </td>
            </tr>
          </table>
        </body>
      </html> `,
  )
}
