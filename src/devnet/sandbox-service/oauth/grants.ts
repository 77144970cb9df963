/** Codes and tokens: made, exchanged once, rotated, revoked. Keeps hashes only. */
import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '../../../lib/clock.js'
import { equalSecrets } from '../../../lib/keyed-hash.js'
import type { Counters } from '../counters.js'
import type { State, StateFile } from '../state.js'
import { OAuthError } from './oauth-error.js'

const CODE_LIFE_MS = 60_000
/** How long a used code is remembered, so that its second use can end the grant. */
const REPLAY_MEMORY_MS = 600_000

export interface IssuedTokens {
  readonly accessToken: string
  readonly refreshToken: string
  readonly expiresInS: number
  readonly scopes: readonly string[]
}

export interface Bearer {
  readonly personId: string
  readonly scopes: readonly string[]
}

export interface CodeFacts {
  readonly personId: string
  readonly scopes: readonly string[]
  readonly redirectUri: string
  /** PKCE S256 challenge (RFC 7636). */
  readonly challenge: string
}

export interface GrantsOptions {
  readonly file: StateFile
  readonly clock: Clock
  readonly counters: Counters
  readonly accessTokenLifeS: number
}

export class Grants {
  constructor(private readonly options: GrantsOptions) {}

  /** A code good for one exchange within 60 seconds. */
  async issueCode(facts: CodeFacts): Promise<string> {
    const code = `sbx_code_${randomText()}`
    this.state.codes[hashOf(code)] = {
      ...facts,
      scopes: [...facts.scopes],
      expiresAtMs: this.now() + CODE_LIFE_MS,
    }
    await this.options.file.save()
    return code
  }

  /**
   * Exchanges a code. A wrong verifier or address burns it; a second use ends the grant of the first (RFC 6749 4.1.2).
   * @throws OAuthError invalid_grant
   */
  async exchangeCode(code: string, redirectUri: string, verifier: string): Promise<IssuedTokens> {
    const known = this.state.codes[hashOf(code)]
    if (!known) throw new OAuthError('invalid_grant', 'The code is not known')
    if (known.grantId !== undefined) {
      this.options.counters.replay()
      this.endGrant(known.grantId)
      await this.options.file.save()
      throw new OAuthError('invalid_grant', 'The code was already used; its tokens are revoked')
    }
    const refusal =
      known.expiresAtMs <= this.now()
        ? 'The code has expired'
        : known.redirectUri !== redirectUri
          ? 'redirect_uri is not the one the code was made for'
          : !equalSecrets(challengeOf(verifier), known.challenge)
            ? 'code_verifier does not fit the challenge'
            : undefined
    known.grantId = randomText()
    if (refusal === undefined)
      this.state.grants[known.grantId] = { personId: known.personId, scopes: known.scopes }
    const tokens = refusal === undefined ? this.issue(known.grantId, known.scopes) : undefined
    this.forgetOld()
    await this.options.file.save()
    if (!tokens) throw new OAuthError('invalid_grant', refusal ?? 'The code is not valid')
    return tokens
  }

  /**
   * Exchanges a refresh token for a new pair; each is good once. One that comes again was stolen or lost, so the
   * whole grant ends (RFC 9700 4.14.2).
   * @throws OAuthError invalid_grant, invalid_scope
   */
  async refresh(refreshToken: string, wanted: readonly string[] | undefined): Promise<IssuedTokens> {
    const known = this.state.refreshTokens[hashOf(refreshToken)]
    const grant = known && this.state.grants[known.grantId]
    if (!known || !grant)
      throw new OAuthError('invalid_grant', 'The refresh token is not known or was revoked')
    if (known.used) {
      this.options.counters.replay()
      this.endGrant(known.grantId)
      await this.options.file.save()
      throw new OAuthError('invalid_grant', 'The refresh token was already used; the grant is revoked')
    }
    if (wanted?.some((scope) => !grant.scopes.includes(scope))) {
      throw new OAuthError('invalid_scope', 'A scope was not granted')
    }
    known.used = true
    const tokens = this.issue(known.grantId, wanted ?? grant.scopes)
    this.options.counters.refresh()
    this.forgetOld()
    await this.options.file.save()
    return tokens
  }

  /** RFC 7009: a refresh token ends its grant, an access token ends alone, an unknown one changes nothing. */
  async revoke(token: string): Promise<void> {
    const hash = hashOf(token)
    const known = this.state.refreshTokens[hash]
    if (known) this.endGrant(known.grantId)
    this.state.accessTokens = without(this.state.accessTokens, (_, key) => key === hash)
    await this.options.file.save()
  }

  bearer(accessToken: string): Bearer | undefined {
    const known = this.state.accessTokens[hashOf(accessToken)]
    const grant = known && this.state.grants[known.grantId]
    if (!known || !grant || known.expiresAtMs <= this.now()) return undefined
    return { personId: grant.personId, scopes: known.scopes }
  }

  /** Ends every access token now; refresh tokens stay good. */
  expireAccessTokens(): Promise<void> {
    this.state.accessTokens = {}
    return this.options.file.save()
  }

  /** Ends every grant, as a person does who removes the application from the account. */
  revokeAll(): Promise<void> {
    for (const id of Object.keys(this.state.grants)) this.endGrant(id)
    return this.options.file.save()
  }

  private get state(): State {
    return this.options.file.state
  }

  private issue(grantId: string, scopes: readonly string[]): IssuedTokens {
    const { accessTokenLifeS } = this.options
    const accessToken = `sbx_at_${randomText()}`
    const refreshToken = `sbx_rt_${randomText()}`
    const expiresAtMs = this.now() + accessTokenLifeS * 1_000
    this.state.accessTokens[hashOf(accessToken)] = { grantId, scopes: [...scopes], expiresAtMs }
    this.state.refreshTokens[hashOf(refreshToken)] = { grantId, used: false }
    return { accessToken, refreshToken, expiresInS: accessTokenLifeS, scopes }
  }

  private endGrant(grantId: string): void {
    const { state } = this
    state.grants = without(state.grants, (_, id) => id === grantId)
    state.accessTokens = without(state.accessTokens, (token) => token.grantId === grantId)
    state.refreshTokens = without(state.refreshTokens, (token) => token.grantId === grantId)
  }

  private forgetOld(): void {
    const now = this.now()
    const { state } = this
    state.accessTokens = without(state.accessTokens, (token) => token.expiresAtMs <= now)
    state.codes = without(state.codes, (code) => code.expiresAtMs + REPLAY_MEMORY_MS <= now)
  }

  private now(): number {
    return this.options.clock.now()
  }
}

const randomText = () => randomBytes(32).toString('base64url')
const hashOf = (token: string) => createHash('sha256').update(token).digest('base64url')
const challengeOf = (verifier: string) => createHash('sha256').update(verifier).digest('base64url')

function without<T>(rows: Record<string, T>, gone: (row: T, key: string) => boolean): Record<string, T> {
  return Object.fromEntries(Object.entries(rows).filter(([key, row]) => !gone(row, key)))
}
