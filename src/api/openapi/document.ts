/** The OpenAPI 3.1 document, made of the operations; it adds what follows from their facts and nothing else. */
import { z } from 'zod'
import {
  createDocument,
  type oas31,
  type ZodOpenApiOperationObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi'
import { errorTable, type ErrorCode } from '../../errors.js'
import { envelopedError, errorAnswer } from './shapes.js'
import {
  API_PREFIX,
  isEnveloped,
  movedPath,
  TAGS,
  type Operation,
  type Operations,
  type Proof,
} from './operation.js'
import { THEME } from '../../web/theme.js'

export interface DocumentFacts {
  readonly version: string
  /** Where the node is reached; missing in the file of the repository. */
  readonly publicUrl?: string
  /** Default: `/api`. */
  readonly apiPrefix?: string
}

const SECURITY: Readonly<Record<Proof, readonly Record<string, string[]>[]>> = {
  none: [],
  tenant: [{ tenantToken: [] }],
  service: [{ serviceToken: [] }],
  operator: [{ operatorToken: [] }],
  'operator-only': [{ operatorToken: [] }],
  owner: [{ ownerSigned: [] }],
  browser: [],
}

export function openApiDocument(
  operations: Operations,
  { version, publicUrl, apiPrefix = API_PREFIX }: DocumentFacts,
): oas31.OpenAPIObject {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {}
  for (const [id, operation] of Object.entries(operations))
    (paths[movedPath(operation.path, apiPrefix)] ??= {})[operation.method] = described(id, operation)
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Decentralized data connector node',
      version,
      description:
        'Connects accounts, fetches their data, seals it, replicates it, proves that it arrived, and only then erases its own copy.',
      'x-theme': THEME,
    },
    ...(publicUrl !== undefined && { servers: [{ url: publicUrl }] }),
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths: paths,
    components: {
      securitySchemes: {
        tenantToken: {
          type: 'http',
          scheme: 'bearer',
          description: 'A JWT of the tenant’s issuer, or a service token. The operator adds X-Tenant.',
        },
        serviceToken: {
          type: 'http',
          scheme: 'bearer',
          description: 'A service token of a tenant (`cns_…`).',
        },
        operatorToken: { type: 'http', scheme: 'bearer', description: 'OPERATOR_TOKEN of this node.' },
        ownerSigned: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'ES256K JWT',
          description: 'Signed by the owner’s DID over method, address and body; good once (docs/API.md).',
        },
      },
    },
  })
}

function described(id: string, operation: Operation): ZodOpenApiOperationObject {
  const { tag, summary, proof, scope, params, query, body, idempotent, versioned } = operation
  const headers = {
    ...(idempotent && { 'Idempotency-Key': z.string().max(255).optional() }),
    ...(versioned && { 'If-Match': z.string().optional() }),
  }
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(scope !== undefined && { description: `Needs the scope \`${scope}\`.` }),
    security: [...SECURITY[proof]],
    requestParams: {
      ...(params && { path: params }),
      ...(query && { query }),
      ...(Object.keys(headers).length > 0 && { header: z.object(headers) }),
    },
    ...(body && {
      requestBody: {
        required: !body.safeParse(undefined).success,
        content: { 'application/json': { schema: body } },
      },
    }),
    responses: responsesOf(operation),
  }
}

function responsesOf(operation: Operation): ZodOpenApiResponsesObject {
  const responses: Record<string, Told> = {}
  const refusal = { [JSON_TYPE]: { schema: isEnveloped(operation) ? envelopedError : errorAnswer } }
  for (const [status, { description, body, type = JSON_TYPE }] of Object.entries(operation.answers))
    responses[status] = {
      description,
      content: type === 'none' ? {} : { [type]: body ? { schema: body } : {} },
    }
  for (const [status, codes] of codesByStatus(errorsOf(operation))) {
    const said = responses[status]
    const description = codes.map((code) => `\`${code}\`: ${errorTable[code].public}`).join(' ')
    responses[status] = {
      description: said === undefined ? description : `${said.description} ${description}`,
      content: { ...said?.content, ...refusal },
    }
  }
  // Limits and failures may meet every request.
  responses['default'] = { description: 'Any other refusal or failure.', content: refusal }
  return responses as unknown as ZodOpenApiResponsesObject
}

interface Told {
  readonly description: string
  readonly content: Readonly<Record<string, { readonly schema?: z.ZodType }>>
}

const JSON_TYPE = 'application/json'

/** What an operation refuses by its facts, and what it names itself. */
export function errorsOf({ proof, body, query, scope, errors = [] }: Operation): readonly ErrorCode[] {
  return [
    ...(proof === 'none' || proof === 'browser' ? [] : (['UNAUTHENTICATED'] as const)),
    ...(proof === 'service' ? (['SERVICE_TOKEN_REQUIRED'] as const) : []),
    ...(scope !== undefined || proof === 'operator' ? (['FORBIDDEN'] as const) : []),
    ...(body || query ? (['REQUEST_INVALID'] as const) : []),
    ...(body ? (['TYPE_UNSUPPORTED', 'TOO_LARGE'] as const) : []),
    ...errors,
  ]
}

function codesByStatus(codes: readonly ErrorCode[]): ReadonlyMap<number, readonly ErrorCode[]> {
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of new Set(codes)) {
    const { status } = errorTable[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return byStatus
}
