/** The Vault's surface as documents and clients see it (vault.md 7.1). */
import { z } from 'zod'
import type { Operations } from '../openapi/operation.js'
import { errorCode } from '../openapi/shapes.js'
import { redeemBody } from './redeem-routes.js'
import { disconnectBody, doneBody, startBody } from './sync-routes.js'

const providerParam = z.object({ provider: z.string().meta({ example: 'sandbox' }) })
const requestParam = z.object({ syncRequestId: z.string() })
const did = z.string().meta({ example: 'did:vda:mainnet:0x0000000000000000000000000000000000000001' })

const providersShape = z.record(
  z.string(),
  z.strictObject({
    name: z.string(),
    label: z.string(),
    icon: z.url(),
    description: z.string(),
    status: z.enum(['active', 'inactive']),
    schemas: z.array(z.url()),
    options: z.array(z.unknown()),
    handlers: z.array(z.strictObject({ id: z.string(), label: z.string(), schema: z.url() })),
  }),
)

const requestAnswer = z
  .strictObject({
    did: z.string(),
    serverDid: z.string(),
    signerDid: z.string(),
    syncRequestId: z.string(),
    syncRequestDatabaseName: z.string(),
    contextName: z.string(),
  })
  .meta({ id: 'SyncRequest' })

const statusShape = z
  .looseObject({
    syncRequestId: z.string(),
    provider: z.string(),
    status: z.enum(['running', 'complete', 'error', 'interrupted']),
    stage: z.string(),
    counts: z.record(z.string(), z.unknown()),
    issues: z.array(z.looseObject({})),
    suspectedDeletes: z.array(z.looseObject({})),
    more: z.boolean(),
    error: z.strictObject({ code: errorCode, message: z.string() }).optional(),
    startedAtMs: z.number(),
    finishedAtMs: z.number().optional(),
  })
  .meta({ id: 'SyncStatus' })

const receiptsShape = z.strictObject({
  receipts: z.array(
    z
      .strictObject({ body: z.looseObject({}), hash: z.string(), signature: z.string() })
      .meta({ id: 'Receipt' }),
  ),
})

const schemaUris = z.array(z.url())
const cleared = z.strictObject({
  success: z.literal(true),
  clearedDatabases: schemaUris,
  forgotten: schemaUris.optional(),
})
const disconnected = z.strictObject({
  success: z.literal(true),
  revoked: z.boolean(),
  reason: z.string().optional(),
  forgotten: schemaUris,
})
const redeemed = z.strictObject({ provider: z.string(), accessToken: z.string(), refreshToken: z.string() })

const syncErrors = [
  'PROVIDER_UNKNOWN',
  'TOKEN_REVOKED',
  'STORAGE_UNREACHABLE',
  'WRITE_CONFLICT',
  'TOO_MANY_REQUESTS',
] as const

const returnQuery = z.object({ code: z.string().optional(), state: z.string().optional() }).loose()
const comeBack = {
  method: 'get',
  tag: 'Vault',
  proof: 'browser',
  params: providerParam,
  query: returnQuery,
  answers: { 200: { description: 'A page with one button: the deep link.', type: 'text/html' } },
  errors: ['STATE_UNKNOWN', 'CONSENT_DENIED', 'CODE_REJECTED', 'PROVIDER_UNKNOWN'],
} as const

const ownedShape = z.strictObject({
  did: z.string(),
  serverDid: z.string(),
  signerDid: z.string(),
  contextName: z.string(),
  connections: z.array(
    z.strictObject({
      id: z.string(),
      tenant: z.string(),
      provider: z.string(),
      status: z.string(),
      lastSuccessAtMs: z.number().nullable(),
      schemas: z.record(z.string(), z.strictObject({ databaseName: z.string(), encryptionKey: z.string() })),
      receipts: z.array(z.looseObject({})),
    }),
  ),
})

export const vaultOperations = {
  listProviders: {
    method: 'get',
    path: '/providers',
    tag: 'Vault',
    proof: 'none',
    summary: 'What this node can connect',
    answers: { 200: { description: 'By id.', body: providersShape } },
  },
  connect: {
    method: 'get',
    path: '/connect/{provider}',
    tag: 'Vault',
    proof: 'none',
    summary: 'Opened in a browser: out to the provider',
    params: providerParam,
    query: z.object({
      did: did.optional(),
      key: z.string().optional().meta({ description: '32 bytes in hexadecimal form.' }),
      redirect: z.string().optional(),
      flow: z.enum(['link', 'code']).optional(),
      challenge: z.string().optional().meta({ description: 'S256, with `flow=code`.' }),
      auth: z.string().optional().meta({ description: 'The way to sign in. Default: the preferred one.' }),
      streams: z.string().optional().meta({ description: 'Names, comma separated. Default: all.' }),
    }),
    answers: {
      200: { description: 'A form, for ways to sign in that ask for something.', type: 'text/html' },
      302: { description: 'To the provider’s page.', type: 'none' },
    },
    errors: ['DID_INVALID', 'KEY_INVALID', 'PROVIDER_UNKNOWN', 'PROVIDER_NOT_CONFIGURED', 'REDIRECT_REFUSED'],
  },
  enterConnection: {
    method: 'post',
    path: '/connect/{provider}/form',
    tag: 'Vault',
    proof: 'browser',
    summary: 'What a person entered in the form of the connect page',
    params: providerParam,
    answers: {
      200: { description: 'A page with one button: the deep link.', type: 'text/html' },
      302: { description: 'To the provider’s page.', type: 'none' },
      400: { description: 'The form again, with what is wrong beside each field.', type: 'text/html' },
    },
    errors: ['STATE_UNKNOWN', 'STATE_EXPIRED', 'PROVIDER_UNKNOWN'],
  },
  finishConnect: { ...comeBack, path: '/auth/{provider}', summary: 'Back from the provider' },
  finishConnectByCallback: {
    ...comeBack,
    path: '/callback/{provider}',
    summary: 'The same, at the address of older registrations',
  },
  finishConnectByProviders: {
    ...comeBack,
    path: '/providers/{provider}/callback',
    summary: 'The same, at the address of older registrations',
  },
  redeemConnection: {
    method: 'post',
    path: '/connect/redeem',
    tag: 'Vault',
    proof: 'owner',
    summary: 'The capsules for a one-time code (`flow=code`)',
    body: redeemBody,
    answers: { 200: { description: 'Once.', body: redeemed } },
    errors: ['GONE', 'FORBIDDEN'],
  },
  syncByLink: {
    method: 'get',
    path: '/sync/{provider}',
    tag: 'Vault',
    proof: 'none',
    summary: 'The old form of syncStart; off with VAULT_LEGACY_GET=off',
    params: providerParam,
    query: z.object({
      did: did.optional(),
      key: z.string().optional(),
      accessToken: z.string().optional(),
      refreshToken: z.string().optional(),
      config: z.string().optional().meta({ description: 'The same capsules as JSON.' }),
    }),
    answers: {
      200: { description: 'The request record is confirmed; the sync goes on.', body: requestAnswer },
    },
    errors: ['DID_INVALID', 'KEY_INVALID', 'GONE', ...syncErrors],
  },
  startSync: {
    method: 'post',
    path: '/syncStart/{provider}',
    tag: 'Vault',
    proof: 'owner',
    summary: 'Starts a sync, or joins the one that runs',
    params: providerParam,
    body: startBody,
    answers: {
      202: {
        description: 'The request record is confirmed; the sync goes on.',
        body: requestAnswer.extend({ statusToken: z.string().optional() }),
      },
    },
    errors: ['DID_INVALID', 'KEY_INVALID', 'FORBIDDEN', ...syncErrors],
  },
  getSyncStatus: {
    method: 'get',
    path: '/syncStatus/{provider}/{syncRequestId}',
    tag: 'Vault',
    proof: 'owner',
    summary: 'How a sync is; the status token of syncStart reads it too',
    params: providerParam.extend(requestParam.shape),
    answers: { 200: { description: 'The status.', body: statusShape } },
    errors: ['SYNC_UNKNOWN'],
  },
  getReceipts: {
    method: 'get',
    path: '/syncs/{syncRequestId}/receipt',
    tag: 'Vault',
    proof: 'owner',
    summary: 'The signed receipts of a sync',
    params: requestParam,
    answers: { 200: { description: 'Receipts.', body: receiptsShape } },
    errors: ['SYNC_UNKNOWN'],
  },
  syncDoneByLink: {
    method: 'get',
    path: '/syncDone/{provider}',
    tag: 'Vault',
    proof: 'none',
    summary: 'Harmless and the same for everybody: the schemas of the provider',
    params: providerParam,
    query: z.object({ did: did.optional() }),
    answers: { 200: { description: 'The schemas.', body: cleared } },
    errors: ['DID_INVALID', 'GONE', 'PROVIDER_UNKNOWN'],
  },
  syncDone: {
    method: 'post',
    path: '/syncDone/{provider}',
    tag: 'Vault',
    proof: 'owner',
    summary: 'Clears what is proven; `forget` deletes the databases on the storage nodes',
    params: providerParam,
    body: doneBody,
    answers: { 200: { description: 'Cleared.', body: cleared } },
    errors: ['DID_INVALID', 'KEY_INVALID', 'FORBIDDEN', 'NOT_VERIFIED', 'PROVIDER_UNKNOWN', 'TOKEN_REVOKED'],
  },
  disconnect: {
    method: 'post',
    path: '/disconnect/{provider}',
    tag: 'Vault',
    proof: 'owner',
    summary: 'Revokes at the provider, forgets, ends the grant',
    params: providerParam,
    body: disconnectBody,
    answers: { 200: { description: 'What was done.', body: disconnected } },
    errors: ['DID_INVALID', 'KEY_INVALID', 'FORBIDDEN', ...syncErrors],
  },
  listOwnedConnections: {
    method: 'get',
    path: '/owned/connections',
    tag: 'Vault',
    summary: 'What tenants’ connectors keep filled for the owner, with the keys of its databases',
    proof: 'owner',
    answers: { 200: { description: 'For a Vault to read.', body: ownedShape } },
  },
  disconnectOwned: {
    method: 'post',
    path: '/owned/connections/{id}/disconnect',
    tag: 'Vault',
    summary: 'End one of them: revoked, and deleted everywhere',
    proof: 'owner',
    params: z.object({ id: z.string() }),
    answers: {
      200: {
        description: 'It is gone.',
        body: z.strictObject({ revoked: z.boolean(), reason: z.string().optional(), forgotten: schemaUris }),
      },
    },
    errors: ['CONNECTOR_UNKNOWN', 'STORAGE_UNREACHABLE'],
  },
} as const satisfies Operations
