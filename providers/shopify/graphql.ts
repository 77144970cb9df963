/** One call of the GraphQL Admin API, and what its errors mean: they come with status 200. https://shopify.dev/docs/api/admin-graphql */
import {
  NodeError,
  readAnswer,
  z,
  type FieldValues,
  type Json,
  type ProviderHttp,
} from '../../src/provider/index.js'

/** Each is served for a year and more. https://shopify.dev/docs/api/usage/versioning */
export const VERSION = '2026-10'

export interface Question {
  readonly query: string
  readonly variables?: Readonly<Record<string, Json>>
}

interface Asked {
  /** Points that it comes to as a rule; what is above is told by THROTTLED. */
  readonly cost: number
  /** False for what changes something. */
  readonly idempotent?: boolean
}

const points = z.object({
  cost: z.object({
    requestedQueryCost: z.number(),
    throttleStatus: z.object({ currentlyAvailable: z.number(), restoreRate: z.number().positive() }),
  }),
})
const failed = z.object({
  errors: z.array(z.looseObject({ extensions: z.looseObject({ code: z.string() }).optional() })).min(1),
  extensions: z.unknown(),
})
const answered = z.object({ data: z.record(z.string(), z.unknown()) })

/** @throws NodeError RATE_LIMITED, SCOPE_MISSING, PROVIDER_DOWN, PROVIDER_CHANGED and those of the client */
export async function ask(
  http: ProviderHttp,
  { texts }: Pick<FieldValues, 'texts'>,
  { query, variables = {} }: Question,
  { cost, idempotent = false }: Asked,
): Promise<z.output<typeof answered>> {
  const url = `https://${texts['shop'] ?? ''}/admin/api/${VERSION}/graphql.json`
  const answer = await http.post(url, { json: { query, variables } }, { cost, idempotent })
  const failure = failed.safeParse(answer.json).data
  if (failure !== undefined) throw meant(failure)
  return readAnswer(answered, answer)
}

/** https://shopify.dev/docs/api/admin-graphql#status_and_error_codes */
function meant({ errors, extensions }: z.output<typeof failed>): NodeError {
  const codes = errors.flatMap((error) => error.extensions?.code ?? [])
  if (codes.includes('THROTTLED')) return throttled(extensions)
  if (codes.includes('ACCESS_DENIED')) return new NodeError('SCOPE_MISSING', { detail: 'ACCESS_DENIED' })
  if (codes.includes('INTERNAL_SERVER_ERROR'))
    return new NodeError('PROVIDER_DOWN', { detail: 'INTERNAL_SERVER_ERROR' })
  return new NodeError('PROVIDER_CHANGED', { detail: 'the API does not take a query' })
}

/** The bucket fills by `restoreRate` points a second. */
function throttled(extensions: unknown): NodeError {
  const cost = points.safeParse(extensions).data?.cost
  const { currentlyAvailable = 0, restoreRate = 100 } = cost?.throttleStatus ?? {}
  const missing = Math.max(0, (cost?.requestedQueryCost ?? 0) - currentlyAvailable)
  const retryAfterMs = Math.max(1_000, Math.ceil((missing / restoreRate) * 1_000))
  return new NodeError('RATE_LIMITED', { detail: 'THROTTLED', retryAfterMs })
}
