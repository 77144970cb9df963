/** Connecting an account: the way out to the provider, the way back, and the safer hand-over by a one-time code. */
import { finishConnect, type Connected, type ConnectReturn } from './finish.js'
import { redeemCode, type Redeem, type Redeemed } from './hand-over.js'
import type { ConnectPorts } from './ports.js'
import { startConnect, type ConnectStart, type ConnectStarted } from './start.js'

export type { Connected, ConnectReturn } from './finish.js'
export type { Redeem, Redeemed } from './hand-over.js'
export type { ConnectOutbound, ConnectPorts } from './ports.js'
export type { CallbackQuery } from './provider-return.js'
export { redirectUriOf } from './redirect-uri.js'
export type { ConnectStart, ConnectStarted } from './start.js'

export interface Connect {
  /** @throws NodeError PROVIDER_UNKNOWN, PROVIDER_NOT_CONFIGURED, REDIRECT_REFUSED */
  start(start: ConnectStart): Promise<ConnectStarted>
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
    finish: (back) => finishConnect(ports, back),
    redeem: (redeem) => redeemCode(ports, redeem),
  }
}
