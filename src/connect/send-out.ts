/** Begins a sign-in and gives the provider's page; nothing is asked of the provider yet. */
import { oauth2Of } from '../credentials/token-endpoint.js'
import { NodeError } from '../errors.js'
import type { UsableProvider } from '../provider/index.js'
import type { ConnectPorts } from './ports.js'
import { runStrategy } from './run-strategy.js'
import type { SignInDetails, SignIns } from './sign-ins.js'
import { createStrategy } from './strategy.js'

export interface WayOut<S extends SignInDetails> {
  readonly use: UsableProvider
  /** Where the provider sends the browser back to. */
  readonly redirectUri: string
  readonly signIns: SignIns<S>
  readonly signIn: S
  /** The browser's secret. */
  readonly browser: string
}

/** @throws NodeError PROVIDER_NOT_CONFIGURED */
export async function sendOut<S extends SignInDetails>(
  { clock, log }: Pick<ConnectPorts, 'clock' | 'log'>,
  { use, redirectUri, signIns, signIn, browser }: WayOut<S>,
): Promise<string> {
  const strategy = createStrategy({
    use,
    auth: oauth2Of(use),
    redirectUri,
    signIns,
    tokenPorts: { clock, log },
    fields: signIn.fields,
    scopes: signIn.scopes,
  })
  const end = await runStrategy(strategy, { query: {}, browser }, { state: signIn })
  if (end.kind !== 'redirect') throw new NodeError('INTERNAL', { detail: 'the strategy did not redirect' })
  return end.location
}
