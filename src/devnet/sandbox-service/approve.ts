/** Plays a person with a browser at the consent page, over HTTP, for demonstrations and tests. */
import { NodeError } from '../../errors.js'

export interface Decision {
  /** Who signs in. Default: maya. */
  readonly person?: string
  /** Default: true. */
  readonly allow?: boolean
  /** Scopes whose tick is taken away. */
  readonly without?: readonly string[]
}

/**
 * Opens the authorize address, fills in the page's form, sends it, and returns the address that the answer leads to.
 * @throws NodeError CONSENT_DENIED when the page does not ask.
 */
export async function approve(authorizeUrl: string, decision: Decision = {}): Promise<string> {
  const shown = await fetch(authorizeUrl, { redirect: 'manual' })
  const html = await shown.text()
  const request = /name="request" value="([^"]+)"/.exec(html)?.[1]
  if (shown.status !== 200 || request === undefined) {
    throw new NodeError('CONSENT_DENIED', {
      detail: `the consent page does not ask (status ${shown.status})`,
    })
  }
  const form = new URLSearchParams({
    request,
    person: decision.person ?? 'maya',
    decision: decision.allow === false ? 'deny' : 'allow',
  })
  for (const [, scope = ''] of html.matchAll(/name="scope_([a-z]+)"/g)) {
    if (!decision.without?.includes(scope)) form.set(`scope_${scope}`, '1')
  }
  const answered = await fetch(new URL('/oauth/authorize', authorizeUrl), {
    method: 'POST',
    body: form,
    redirect: 'manual',
  })
  const location = answered.headers.get('location')
  if (answered.status !== 303 || location === null) {
    throw new NodeError('CONSENT_DENIED', {
      detail: `the consent page did not answer (status ${answered.status})`,
    })
  }
  return location
}
