/** Where a provider sends people back to: made from PUBLIC_URL alone, never from a request's headers (security.md 13). */

/** What the operator registers at the provider. One per provider, so that answers cannot be mixed up unseen. */
export function redirectUriOf(publicUrl: string, providerId: string): string {
  return `${publicUrl.replace(/\/$/, '')}/auth/${providerId}`
}
