/** Builds the passport strategy of a provider from its declaration, with our own state store and our own token call. */
import { Strategy as FacebookStrategy } from 'passport-facebook'
import OAuth2Strategy from 'passport-oauth2'
import { resolved } from '../credentials/declared-address.js'
import { exchangeCode, type TokenPorts } from '../credentials/token-refresh.js'
import { NodeError } from '../errors.js'
import { reveal } from '../lib/redacted.js'
import {
  NO_FIELDS,
  type FieldValues,
  type OAuth2,
  type Tokens,
  type UsableProvider,
} from '../provider/index.js'
import type { StrategyRequest } from './run-strategy.js'
import type { SignIns, Taken } from './sign-ins.js'

/** `S`: what is known of a sign-in when its person comes back. */
export interface StrategyParts<S> {
  readonly use: UsableProvider
  readonly auth: OAuth2
  /** The one address that the provider sends people back to. */
  readonly redirectUri: string
  readonly signIns: SignIns<S>
  readonly tokenPorts: TokenPorts
  /** What was entered, and told in the callback. */
  readonly fields?: FieldValues
  /** Asked for. Default: all that are declared. */
  readonly scopes?: readonly string[]
}

/** Given to the token call's callback as its results, and by passport to `verify`. */
interface Results {
  readonly tokens: Tokens
}

export function createStrategy<S>(parts: StrategyParts<S>): OAuth2Strategy {
  const { use, auth, redirectUri, scopes = Object.keys(auth.scopes), fields = NO_FIELDS } = parts
  const options: OAuth2Strategy.StrategyOptions = {
    authorizationURL: resolved(auth.authorize, use, fields.texts),
    tokenURL: resolved(auth.token, use, fields.texts),
    clientID: clientIdOf(use),
    // Sent by `exchangeCode` alone: passport's objects never hold it.
    clientSecret: '',
    callbackURL: redirectUri,
    ...(scopes.length > 0 && { scope: [...scopes] }),
    scopeSeparator: auth.scopeJoin ?? ' ',
    pkce: auth.pkce ?? true,
    // The types know only the forms without a verifier.
    store: stateStore(parts) as unknown as OAuth2Strategy.StateStore,
    // The account is read by the provider's own `account`.
    skipUserProfile: true,
  }
  const verify: OAuth2Strategy.VerifyFunction<unknown, Results> = (
    _access,
    _refresh,
    results,
    _profile,
    done,
  ) => done(null, results.tokens)
  const strategy =
    auth.strategy === 'facebook'
      ? new FacebookStrategy(
          { ...options, callbackURL: redirectUri, graphAPIVersion: graphVersion(options) },
          verify as never,
        )
      : new OAuth2Strategy(options, verify)
  strategy.authorizationParams = () => ({ ...auth.authorizeParams })
  guardTokenCall(strategy, parts)
  return strategy
}

/** Passport's store of states: called with these very numbers of arguments, by which passport tells the forms apart. */
function stateStore<S>({ signIns, use }: StrategyParts<S>) {
  return {
    store(
      req: StrategyRequest,
      verifier: string | undefined,
      signIn: S,
      _meta: unknown,
      done: (error: unknown, state?: string) => void,
    ): void {
      signIns.begin(signIn, req.browser ?? '', verifier).then((state) => done(null, state), done)
    },
    verify(
      req: StrategyRequest,
      state: string,
      _meta: unknown,
      done: (error: unknown, ok?: string | true, taken?: Taken<S>) => void,
    ): void {
      signIns
        .take({ provider: use.provider.id, state, browser: req.browser })
        .then((taken) => done(null, taken.verifier ?? true, taken), done)
    },
  }
}

/** The `oauth` package calls by itself, without caps, time-outs or a look at the address: its one call is replaced. */
function guardTokenCall(
  strategy: OAuth2Strategy,
  { use, auth, redirectUri, tokenPorts, fields }: Omit<StrategyParts<unknown>, 'signIns'>,
): void {
  const { _oauth2: client } = strategy as unknown as { readonly _oauth2: TokenClient }
  client.getOAuthAccessToken = (code, { code_verifier: verifier }, done) => {
    const grant = {
      code,
      redirectUri,
      ...(verifier !== undefined && { verifier }),
      ...(auth.fields !== undefined && fields !== undefined && { fields }),
    }
    exchangeCode(tokenPorts, use, grant).then(
      (tokens) => done(null, reveal(tokens.accessToken), undefined, { tokens }),
      (error: unknown) => done(error),
    )
  }
}

interface TokenClient {
  getOAuthAccessToken: (
    code: string,
    params: { readonly code_verifier?: string },
    done: (error: unknown, accessToken?: string, refreshToken?: string, results?: Results) => void,
  ) => void
}

function clientIdOf({ provider, settings: { clientId } }: UsableProvider): string {
  if (typeof clientId === 'string') return clientId
  throw new NodeError('PROVIDER_NOT_CONFIGURED', { detail: `${provider.id} has no client id` })
}

/** Named explicitly: without it the package falls back to a version of its own that has long ended. */
function graphVersion({ authorizationURL }: OAuth2Strategy.StrategyOptions): string {
  const version = /\/(v\d+\.\d+)\//.exec(authorizationURL)?.[1]
  if (version !== undefined) return version
  throw new NodeError('PROVIDER_NOT_CONFIGURED', { detail: 'the authorize address names no Graph version' })
}
