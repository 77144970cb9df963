/** What a connector's own row says of how it was connected: the way, and what was entered that is no secret. */
import { z } from 'zod'
import type { JsonObject } from '../lib/canonical-json.js'
import type { Tokens } from '../provider/index.js'
import type { Connector } from '../store/index.js'

/** For the row: secrets are in the sealed tokens alone. `before`: what else the row says stays. */
export function connectedBy(
  { kind = 'oauth2', fields }: Tokens,
  before: JsonObject = {},
): { readonly authKind: string; readonly config: JsonObject } {
  return { authKind: kind, config: { ...before, fields: { ...fields?.texts } } }
}

const config = z.object({ fields: z.record(z.string(), z.string()) })

/** Texts that were entered or told; none before the account is connected. */
export function shownFields(connector: Pick<Connector, 'config'>): Readonly<Record<string, string>> {
  return config.safeParse(connector.config).data?.fields ?? {}
}
