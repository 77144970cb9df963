/** The one table of error codes. A code is API: never renamed; act on `code`, never on the message. */

/** What the engine does on an error: tells the caller, asks for a new connection, tries again, leaves the record out, or ends the job and keeps its data. */
export type Fate = 'refuse' | 'reconnect' | 'retry' | 'skip' | 'stop' | 'bug'

interface ErrorRow {
  readonly fate: Fate
  readonly status: number
  /** The sentence for people. */
  readonly public: string
}

const rows = {
  CONFIG_INVALID: { fate: 'refuse', status: 500, public: 'The settings of this node are not valid.' },
  REQUEST_INVALID: { fate: 'refuse', status: 400, public: 'The request is not valid.' },
  DID_INVALID: { fate: 'refuse', status: 400, public: 'The DID is missing or malformed.' },
  KEY_INVALID: { fate: 'refuse', status: 400, public: 'The key must be 32 bytes in hexadecimal form.' },
  PROVIDER_UNKNOWN: { fate: 'refuse', status: 404, public: 'There is no such provider on this node.' },
  PROVIDER_NOT_CONFIGURED: {
    fate: 'refuse',
    status: 503,
    public: 'This provider is not set up on this node.',
  },
  PROVIDER_DISABLED: {
    fate: 'refuse',
    status: 403,
    public: 'The operator of this node has switched this provider off.',
  },
  ROUTE_UNKNOWN: { fate: 'refuse', status: 404, public: 'There is nothing at this address.' },
  METHOD_UNKNOWN: { fate: 'refuse', status: 405, public: 'This address does not take this method.' },
  TENANT_UNKNOWN: { fate: 'refuse', status: 404, public: 'There is no such tenant.' },
  TOKEN_UNKNOWN: { fate: 'refuse', status: 404, public: 'There is no such service token.' },
  CONNECTOR_UNKNOWN: { fate: 'refuse', status: 404, public: 'There is no such connector.' },
  CONNECTOR_NOT_ADDED: {
    fate: 'refuse',
    status: 404,
    public: 'Connector not found. Add it to the subaccount first.',
  },
  CALENDAR_UNKNOWN: { fate: 'refuse', status: 404, public: 'The subaccount has no such calendar.' },
  INVITATION_UNKNOWN: {
    fate: 'refuse',
    status: 404,
    public: 'There is no such invitation, or a newer one took its place.',
  },
  INVITATION_USED: { fate: 'refuse', status: 410, public: 'This invitation was already used.' },
  INVITATION_EXPIRED: { fate: 'refuse', status: 410, public: 'This invitation has expired.' },
  WEBHOOK_UNKNOWN: { fate: 'refuse', status: 404, public: 'There is no such webhook.' },
  DELIVERY_UNKNOWN: { fate: 'refuse', status: 404, public: 'There is no such delivery.' },
  JOB_UNKNOWN: { fate: 'refuse', status: 404, public: 'There is no such job, or no longer.' },
  SYNC_UNKNOWN: { fate: 'refuse', status: 404, public: 'There is no such sync.' },
  STATE_UNKNOWN: {
    fate: 'refuse',
    status: 400,
    public: 'This sign-in was not started here, or was already used.',
  },
  STATE_EXPIRED: { fate: 'refuse', status: 400, public: 'This sign-in took too long.' },
  CONSENT_DENIED: { fate: 'refuse', status: 403, public: 'Access was not granted at the provider.' },
  ACCOUNT_DIFFERS: {
    fate: 'refuse',
    status: 409,
    public: 'This connector holds another account. Make a new connector for this one.',
  },
  ADDRESS_DIFFERS: {
    fate: 'refuse',
    status: 409,
    public: 'This is another account than the one that was asked for.',
  },
  REDIRECT_REFUSED: {
    fate: 'refuse',
    status: 400,
    public: 'This redirect address is not allowed on this node.',
  },
  UNAUTHENTICATED: {
    fate: 'refuse',
    status: 401,
    public: 'The request does not prove who sends it, or its proof is not valid.',
  },
  SERVICE_TOKEN_REQUIRED: { fate: 'refuse', status: 401, public: 'Service token required.' },
  FORBIDDEN: { fate: 'refuse', status: 403, public: 'This is not yours to see or change.' },
  NOT_VERIFIED: {
    fate: 'refuse',
    status: 409,
    public: 'The data has not been proven to be on every storage node yet.',
  },
  GONE: {
    fate: 'refuse',
    status: 410,
    public: 'This was already used, has expired, or is no longer served.',
  },
  IDEMPOTENCY_CONFLICT: {
    fate: 'refuse',
    status: 409,
    public: 'This Idempotency-Key belongs to another request, or to one that is still running.',
  },
  LIMIT_REACHED: {
    fate: 'refuse',
    status: 409,
    public: 'There are as many of these as one tenant may have. Delete one first.',
  },
  PRECONDITION_FAILED: {
    fate: 'refuse',
    status: 412,
    public: 'This was changed since you read it. Read it again.',
  },
  TOO_LARGE: { fate: 'refuse', status: 413, public: 'The request is too large.' },
  TYPE_UNSUPPORTED: { fate: 'refuse', status: 415, public: 'The body must be JSON.' },
  MAIL_REFUSED: {
    fate: 'refuse',
    status: 422,
    public: 'The mail server does not take mail for this address.',
  },
  CAPABILITY_MISSING: { fate: 'refuse', status: 422, public: 'The provider cannot do this.' },
  TOO_MANY_REQUESTS: { fate: 'refuse', status: 429, public: 'Too many requests.' },
  INTERRUPTED: { fate: 'refuse', status: 409, public: 'The node restarted during this sync. Sync again.' },

  TOKEN_REVOKED: { fate: 'reconnect', status: 409, public: 'Token expired, please reconnect.' },
  SCOPE_MISSING: {
    fate: 'reconnect',
    status: 409,
    public: 'A permission is missing, please reconnect and grant it.',
  },
  CODE_REJECTED: {
    fate: 'reconnect',
    status: 409,
    public: 'The provider did not accept the sign-in, please connect again.',
  },

  RATE_LIMITED: { fate: 'retry', status: 503, public: 'The provider asks to wait.' },
  PROVIDER_DOWN: { fate: 'retry', status: 503, public: 'The provider does not answer.' },
  STORAGE_UNREACHABLE: { fate: 'retry', status: 503, public: 'A storage node does not answer.' },
  REPLICATION_STALLED: {
    fate: 'retry',
    status: 503,
    public: 'A storage node did not take all records in time.',
  },
  WRITE_CONFLICT: { fate: 'retry', status: 503, public: 'Another run is working on this connection.' },
  ERASE_INCOMPLETE: { fate: 'retry', status: 503, public: 'The local copy is not fully erased yet.' },
  RESOLVER_DOWN: { fate: 'retry', status: 503, public: 'The DID registry does not answer.' },
  ISSUER_DOWN: { fate: 'retry', status: 503, public: 'The keys of the token issuer cannot be read.' },
  MAIL_DOWN: { fate: 'retry', status: 503, public: 'The mail server did not take the message.' },
  STORE_UNAVAILABLE: { fate: 'retry', status: 503, public: 'The database of this node does not answer.' },
  CURSOR_EXPIRED: {
    fate: 'retry',
    status: 503,
    public: 'The provider forgot where we stopped; everything is read again.',
  },

  RECORD_SKIPPED: { fate: 'skip', status: 500, public: 'A record was left out.' },
  FILE_TOO_LARGE: { fate: 'skip', status: 422, public: 'The file is larger than may be fetched.' },

  PROVIDER_CHANGED: { fate: 'stop', status: 502, public: 'The provider answered in a form we do not know.' },
  SCHEMA_MISSING: { fate: 'stop', status: 500, public: 'A schema is missing on this node.' },
  SEAL_FAILED: { fate: 'stop', status: 500, public: 'A sealed value does not open, or could not be sealed.' },
  DISK_FULL: { fate: 'stop', status: 507, public: 'The node has no room left.' },
  REVISION_REFUSED: {
    fate: 'stop',
    status: 502,
    public: 'A document on a storage node has a revision that this node does not continue.',
  },
  VERIFY_MISMATCH: { fate: 'stop', status: 502, public: 'A storage node does not hold what it confirmed.' },
  RECEIPT_FAILED: { fate: 'stop', status: 500, public: 'The receipt could not be made.' },
  STORE_LOCKED: { fate: 'stop', status: 500, public: 'Another process uses this data folder.' },

  INTERNAL: { fate: 'bug', status: 500, public: 'Something went wrong on this node.' },
} as const satisfies Record<string, ErrorRow>

export type ErrorCode = keyof typeof rows

/** The whole table, for documents and tests. */
export const errorTable: Readonly<Record<ErrorCode, ErrorRow>> = rows

export interface ErrorFacts {
  /** For logs only; leaves the node only below status 500. */
  readonly detail?: string
  readonly cause?: unknown
  /** With RATE_LIMITED, TOO_MANY_REQUESTS and other retries: how long to wait. */
  readonly retryAfterMs?: number
  /** The status of the service's answer that this error was made of. */
  readonly answered?: number
  /** With REQUEST_INVALID: what is wrong where. */
  readonly fields?: readonly { readonly path: string; readonly message: string }[]
}

/** An error with a code of the table. `message` is for logs; `publicMessage` for people. */
export class NodeError extends Error {
  override readonly name = 'NodeError'
  readonly detail: string | undefined
  readonly retryAfterMs: number | undefined
  readonly answered: number | undefined
  readonly fields: ErrorFacts['fields']

  constructor(
    readonly code: ErrorCode,
    facts: ErrorFacts = {},
  ) {
    super(facts.detail === undefined ? code : `${code}: ${facts.detail}`, { cause: facts.cause })
    this.detail = facts.detail
    this.retryAfterMs = facts.retryAfterMs
    this.answered = facts.answered
    this.fields = facts.fields
  }
  get fate(): Fate {
    return rows[this.code].fate
  }
  get status(): number {
    return rows[this.code].status
  }
  get publicMessage(): string {
    return rows[this.code].public
  }
  /** For who runs a command: what is wrong where, or why. */
  get explanation(): string {
    const faults = this.fields?.map(({ path, message }) => `${path} ${message}`).join('; ')
    return faults ?? this.detail ?? this.publicMessage
  }
}

/** Any thrown value as a NodeError; what has no code becomes INTERNAL with its cause. */
export function toNodeError(thrown: unknown): NodeError {
  return thrown instanceof NodeError ? thrown : new NodeError('INTERNAL', { cause: thrown })
}
