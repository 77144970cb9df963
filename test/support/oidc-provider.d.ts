/** The part of oidc-provider that tests use; the package has no types of its own. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  export class Grant {
    constructor(facts: { readonly accountId: string; readonly clientId: string })
    static find(id: string): Promise<Grant | undefined>
    addOIDCScope(scope: string): void
    save(): Promise<string>
  }

  export interface Interaction {
    readonly prompt: { readonly name: string }
    readonly params: { readonly scope?: string }
    readonly session?: { readonly accountId: string }
    readonly grantId?: string
  }

  export default class Provider {
    constructor(issuer: string, configuration: object)
    readonly Grant: typeof Grant
    readonly AccessToken: { find(token: string): Promise<object | undefined> }
    on(
      event: 'grant.success' | 'grant.error',
      listener: (context: { readonly oidc: { readonly params?: Readonly<Record<string, unknown>> } }) => void,
    ): void
    callback(): (req: IncomingMessage, res: ServerResponse) => void
    interactionDetails(req: IncomingMessage, res: ServerResponse): Promise<Interaction>
    interactionFinished(req: IncomingMessage, res: ServerResponse, result: object): Promise<void>
  }
}
