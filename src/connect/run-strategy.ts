/** Runs a passport strategy without Express: the same five endings that passport itself gives a strategy, as one promise. */
import type { Strategy } from 'passport'
import { NodeError } from '../errors.js'

/** What a strategy reads of a request, and our own secret of the browser. */
export interface StrategyRequest {
  readonly query: Readonly<Record<string, string>>
  readonly browser: string | undefined
}

export type StrategyEnd<User, Info> =
  | { readonly kind: 'redirect'; readonly location: string }
  | { readonly kind: 'success'; readonly user: User; readonly info: Info }

interface Runnable {
  authenticate(request: StrategyRequest, options: object): void
}

interface Endings {
  redirect(location: string): void
  success(user: unknown, info: unknown): void
  fail(): void
  pass(): void
  error(error: unknown): void
}

/** @throws NodeError what the state store or the token call threw; CODE_REJECTED for a refusal of the strategy's own */
export function runStrategy<User, Info>(
  strategy: Strategy,
  request: StrategyRequest,
  options: object,
): Promise<StrategyEnd<User, Info>> {
  return new Promise((resolve, reject) => {
    const endings: Endings = {
      redirect: (location) => resolve({ kind: 'redirect', location }),
      success: (user, info) => resolve({ kind: 'success', user: user as User, info: info as Info }),
      fail: () => reject(new NodeError('CODE_REJECTED', { detail: 'refused by the strategy' })),
      pass: () => reject(new NodeError('CODE_REJECTED', { detail: 'passed on by the strategy' })),
      error: (error) => reject(rootOf(error)),
    }
    // As passport does it: the strategy is the prototype, and each request has an object with its own endings.
    const running = Object.assign(Object.create(strategy) as Runnable, endings)
    running.authenticate(request, options)
  })
}

/** passport-oauth2 wraps what the token call threw. */
function rootOf(error: unknown): Error {
  const inner = error instanceof Error ? (error as { oauthError?: unknown }).oauthError : undefined
  if (inner instanceof NodeError) return inner
  return error instanceof Error ? error : new NodeError('INTERNAL', { cause: error })
}
