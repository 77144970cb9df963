/** The consent leg: a page that asks, and the decision that makes a code. */
import { randomBytes } from 'node:crypto'
import type { Answer } from '../answer.js'
import type { Clock } from '../../../lib/clock.js'
import { people, personById } from '../content/people.js'
import {
  answerAddress,
  readAuthorizeRequest,
  readReturnAddress,
  type AuthorizeRequest,
} from './authorize-request.js'
import type { Credentials } from './client.js'
import { consentPage, problemPage } from './consent-page.js'
import type { Grants } from './grants.js'
import { OAuthError } from './oauth-error.js'
import { optional, required, type Parameters } from './parameters.js'

const ASK_LIFE_MS = 600_000
const MAX_OPEN = 1_000

/** What the browser keeps of a page: no inline script or style, in no frame, nothing of the address sent on. */
const PAGE_HEADERS = {
  // No form-action: browsers check it on every redirect after the form, and the application may send the person on.
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

export interface AuthorizeOptions {
  readonly known: Credentials
  readonly grants: Grants
  readonly clock: Clock
  /** This service's own origin. */
  readonly issuer: () => string
}

export class Authorize {
  /** Open questions by the id in their page; each takes one decision. */
  private readonly open = new Map<
    string,
    { readonly request: AuthorizeRequest; readonly expiresAtMs: number }
  >()

  constructor(private readonly options: AuthorizeOptions) {}

  /** Shows the question, or says what is wrong: here when the address cannot be trusted, else at the address. */
  ask(query: Parameters): Answer {
    const { known } = this.options
    return this.orProblem(() => {
      const address = readReturnAddress(query, known)
      try {
        const request = readAuthorizeRequest(query, address)
        const id = this.remember(request)
        return page(200, consentPage({ id, client: known.client, request, people }))
      } catch (error) {
        if (!(error instanceof OAuthError)) throw error
        return this.goTo(
          answerAddress(address, this.options.issuer(), {
            error: error.code,
            error_description: error.description,
          }),
        )
      }
    })
  }

  /** Takes the decision of the page's form. */
  async decide(form: Parameters): Promise<Answer> {
    return this.orProblem(async () => {
      const request = this.takeOpen(required(form, 'request'))
      const issuer = this.options.issuer()
      if (optional(form, 'decision') !== 'allow') {
        return this.goTo(
          answerAddress(request, issuer, { error: 'access_denied', error_description: 'The person said no' }),
        )
      }
      const person = personById(required(form, 'person'))
      if (!person) throw new OAuthError('invalid_request', 'There is no such person')
      const scopes = request.scopes.filter(
        (scope) => scope === 'profile' || optional(form, `scope_${scope}`) !== undefined,
      )
      const { redirectUri, challenge } = request
      const code = await this.options.grants.issueCode({
        personId: person.id,
        scopes,
        redirectUri,
        challenge,
      })
      return this.goTo(answerAddress(request, issuer, { code }))
    })
  }

  private remember(request: AuthorizeRequest): string {
    const now = this.options.clock.now()
    for (const [id, asked] of this.open)
      if (asked.expiresAtMs <= now || this.open.size >= MAX_OPEN) this.open.delete(id)
    const id = randomBytes(16).toString('base64url')
    this.open.set(id, { request, expiresAtMs: now + ASK_LIFE_MS })
    return id
  }

  private takeOpen(id: string): AuthorizeRequest {
    const asked = this.open.get(id)
    this.open.delete(id)
    if (!asked || asked.expiresAtMs <= this.options.clock.now()) {
      throw new OAuthError(
        'invalid_request',
        'This page was already answered, or is too old. Go back to the application and start again.',
      )
    }
    return asked.request
  }

  private orProblem(work: () => Answer): Answer
  private orProblem(work: () => Promise<Answer>): Promise<Answer>
  private orProblem(work: () => Answer | Promise<Answer>): Answer | Promise<Answer> {
    const problem = (error: unknown): Answer => {
      if (error instanceof OAuthError) return page(400, problemPage(error.description))
      throw error
    }
    try {
      const answer = work()
      return answer instanceof Promise ? answer.catch(problem) : answer
    } catch (error) {
      return problem(error)
    }
  }

  private goTo(location: string): Answer {
    return {
      status: 303,
      headers: { ...PAGE_HEADERS, location },
      type: 'text/plain; charset=utf-8',
      body: '',
    }
  }
}

export const page = (status: number, body: string): Answer => ({
  status,
  headers: PAGE_HEADERS,
  type: 'text/html; charset=utf-8',
  body,
})
