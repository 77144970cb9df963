/** Connecting an account: the way out to the provider, the way back, and the safer hand-over by a one-time code. */
import { finishConnect, type Connected, type ConnectReturn } from './finish.js'
import { redeemCode, type Redeem, type Redeemed } from './hand-over.js'
import type { ConnectPorts } from './ports.js'
import { submitForm, type EnteredForm, type FormEnd } from './entry-form.js'
import { startConnect, type ConnectBegun, type ConnectStart } from './start.js'

export type { Connected, ConnectReturn } from './finish.js'
export type { Redeem, Redeemed } from './hand-over.js'
export type { ConnectOutbound, ConnectPorts } from './ports.js'
export { browserCookie, newBrowserSecret, readBrowserCookie, SIGN_IN_MS } from './browser-cookie.js'
export { checkedRedirect, linkTo } from './deep-link.js'
export { startPatience, type Patience } from './patience.js'
export type { CallbackQuery } from './provider-return.js'
export { readAccount } from './read-account.js'
export { missingScopes, receiveTokens } from './receive-tokens.js'
export { redirectUriOf } from './redirect-uri.js'
export { sendOut } from './send-out.js'
export { keptSignIns, type SignInDetails, type SignInForm, type SignIns, type Taken } from './sign-ins.js'
export type { ConnectBegun, ConnectStart, ConnectStarted } from './start.js'
export type { AskedField, EnteredForm, EntryForm, FormEnd } from './entry-form.js'

export interface Connect {
  /** @throws NodeError REQUEST_INVALID, PROVIDER_UNKNOWN, PROVIDER_NOT_CONFIGURED, REDIRECT_REFUSED */
  start(start: ConnectStart): Promise<ConnectBegun>
  /**
   * What a person entered: refused values give the form again.
   * @throws NodeError STATE_UNKNOWN, STATE_EXPIRED, PROVIDER_UNKNOWN, PROVIDER_NOT_CONFIGURED
   */
  submit(entered: EnteredForm): Promise<FormEnd>
  /**
   * Nothing is kept of an attempt that fails, and a sign-in that was looked at is spent.
   * @throws NodeError STATE_UNKNOWN, STATE_EXPIRED, CONSENT_DENIED, CODE_REJECTED, SCOPE_MISSING, PROVIDER_DOWN,
   * RATE_LIMITED, PROVIDER_CHANGED, PROVIDER_UNKNOWN, PROVIDER_NOT_CONFIGURED
   */
  finish(back: ConnectReturn): Promise<Connected>
  /** @throws NodeError FORBIDDEN, GONE */
  redeem(redeem: Redeem): Promise<Redeemed>
}

export function createConnect(ports: ConnectPorts): Connect {
  return {
    start: (start) => startConnect(ports, start),
    submit: (entered) => submitForm(ports, entered),
    finish: (back) => finishConnect(ports, back),
    redeem: (redeem) => redeemCode(ports, redeem),
  }
}
