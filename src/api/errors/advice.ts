/** What a person can do about an error: a heading and a next step for the page. */
import type { ErrorCode, NodeError } from '../../errors.js'

export interface Advice {
  readonly title: string
  readonly advice: string
}

/** Vaults and applications of tenants send people here. */
const AGAIN = 'Go back to where you began and connect again.'

const advices: Partial<Record<ErrorCode, Advice>> = {
  STATE_UNKNOWN: {
    title: 'This page was already used',
    advice: `A sign-in works once, and in the browser that began it. If the connection is shown where you began, all is well. Otherwise: ${AGAIN.toLowerCase()}`,
  },
  STATE_EXPIRED: { title: 'This took too long', advice: `A sign-in is kept for ten minutes. ${AGAIN}` },
  INVITATION_UNKNOWN: {
    title: 'This link does not work any more',
    advice:
      'If you were sent a newer mail, use the link in it. Otherwise ask whoever invited you for a new one.',
  },
  INVITATION_USED: {
    title: 'This link was already used',
    advice:
      'Your account is connected, and there is nothing more to do. To connect another one, ask for a new link.',
  },
  INVITATION_EXPIRED: {
    title: 'This link has expired',
    advice: 'Nothing was connected. Ask whoever invited you for a new link.',
  },
  ADDRESS_DIFFERS: {
    title: 'You chose another account',
    advice: 'Nothing is kept of this attempt. Open the link again and choose the account that was asked for.',
  },
  CONSENT_DENIED: {
    title: 'Not connected',
    advice: `Nothing was read and nothing is kept. If this was not what you wanted: ${AGAIN.toLowerCase()}`,
  },
  CODE_REJECTED: { title: 'The sign-in did not work', advice: `Nothing is kept of this attempt. ${AGAIN}` },
  SCOPE_MISSING: {
    title: 'A permission is missing',
    advice: `${AGAIN} Leave the permission to read your profile ticked.`,
  },
  TOKEN_REVOKED: { title: 'Please connect again', advice: AGAIN },
  DID_INVALID: {
    title: 'This link is not complete',
    advice: 'Open the connection from your Vault: it adds your DID to the link.',
  },
  KEY_INVALID: {
    title: 'This link is not complete',
    advice: 'Open the connection from your Vault: it adds its key to the link.',
  },
  REQUEST_INVALID: {
    title: 'This link is not right',
    advice:
      'Something in its address is missing, doubled or malformed. Open it again from where you found it.',
  },
  REDIRECT_REFUSED: {
    title: 'This address is not allowed here',
    advice: 'The operator of this node lists the addresses that may take a connection (REDIRECT_ORIGINS).',
  },
  PROVIDER_UNKNOWN: { title: 'Unknown service', advice: 'The start page lists what this node can connect.' },
  PROVIDER_NOT_CONFIGURED: {
    title: 'Not set up yet',
    advice: 'The operator of this node has still to register it with this service.',
  },
  ROUTE_UNKNOWN: { title: 'Nothing here', advice: 'The start page shows what this node does.' },
  GONE: { title: 'No longer served', advice: 'Update your Vault, or connect again.' },
  TOO_MANY_REQUESTS: { title: 'A little slower, please', advice: 'Wait a minute, then try again.' },
  RATE_LIMITED: { title: 'The service asks to wait', advice: 'Wait a few minutes, then connect again.' },
  PROVIDER_DOWN: {
    title: 'The service does not answer',
    advice: `Nothing is kept of this attempt. Wait a little. Then: ${AGAIN.toLowerCase()}`,
  },
  INTERNAL: {
    title: 'Something went wrong',
    advice:
      'It was written to the log of this node. Try again; if it stays, give its operator the number below.',
  },
}

export function adviceFor({ code, status }: NodeError): Advice {
  const known = advices[code]
  if (known !== undefined) return known
  return status >= 500
    ? { title: 'This does not work right now', advice: 'Wait a little, then try again.' }
    : { title: 'This cannot be done', advice: 'Go back, or begin again at the start page.' }
}
