/** The part of docs/TROUBLESHOOTING.md that is made here: for each code, what an operator or a caller can do. */
import { errorTable, type ErrorCode } from '../errors.js'

const AGAIN = 'It is tried again by itself; when it stays,'

const steps: Partial<Record<ErrorCode, string>> = {
  CONFIG_INVALID: 'Read the whole message: it lists every fault. `.env.example` has all settings.',
  REQUEST_INVALID: '`fields` names each fault by its path.',
  DID_INVALID: 'Give the DID as `did:vda:<network>:0x…`.',
  KEY_INVALID: 'Give 32 bytes as 64 hexadecimal characters.',
  PROVIDER_UNKNOWN: 'See `GET /v1/catalog` or `connector-node provider list`. Ids are those of the folders.',
  PROVIDER_NOT_CONFIGURED:
    'Set the settings that `missing_settings` of the catalog names ([OAUTH_SETUP.md](OAUTH_SETUP.md)), then restart. It is also told when the provider refuses the client’s id or secret.',
  ROUTE_UNKNOWN: 'Look the address up in `/docs`; mind `API_PREFIX`.',
  METHOD_UNKNOWN: 'The header `Allow` names the methods of the address.',
  TENANT_UNKNOWN: 'The operator makes tenants by `POST /v1/tenants`.',
  TOKEN_UNKNOWN: 'Make a new service token; they cannot be shown again.',
  CONNECTOR_UNKNOWN: 'It was deleted, never was, or belongs to another tenant: all three answer alike.',
  CONNECTOR_NOT_ADDED:
    'Add it first: `POST /api/connectors/:subaccountId`. Another tenant’s subaccount answers the same.',
  CALENDAR_UNKNOWN: 'See `calendars` of `GET /api/connectors/:subaccountId/google-calendar`.',
  INVITATION_UNKNOWN: 'A newer link took its place, or the calendar was disconnected: invite again.',
  INVITATION_USED:
    'Its account is connected. Invite again to connect it anew, or with `newCalendar` for one more.',
  INVITATION_EXPIRED:
    'Send it again (`POST .../handlegooglecalendar/resend`); `INVITATION_HOURS` is how long it is good.',
  ADDRESS_DIFFERS: 'Open the link again and choose the account of `googleEmail`, or invite without it.',
  SERVICE_TOKEN_REQUIRED:
    'Send a service token (`cns_…`) with the scope `calendar:connect`; `POST /v1/service-tokens` makes one. A JWT is refused.',
  MAIL_REFUSED: 'The address does not exist, or the mail server refuses it: look at it, and invite again.',
  MAIL_DOWN:
    'Check `SMTP_URL`: host, port, password, and that the server offers TLS (or `?tls=never` beside the node). `detail` in the log says how far it came. It is tried again while the link is good.',
  WEBHOOK_UNKNOWN: 'As with connectors: see `GET /v1/webhooks`.',
  DELIVERY_UNKNOWN: 'Deliveries are kept for 30 days.',
  JOB_UNKNOWN: 'A finished job is kept for an hour, a given-up one for 30 days.',
  SYNC_UNKNOWN: 'Ask with the key or the status token that began it.',
  STATE_UNKNOWN:
    'Begin the sign-in anew, in one browser. If it happens each time: the node is reached under two names, or a proxy drops cookies; compare `PUBLIC_URL` with the address bar.',
  STATE_EXPIRED: 'Begin the sign-in anew; it is kept for ten minutes.',
  CONSENT_DENIED: 'The person said no at the provider. Begin anew to ask again.',
  ACCOUNT_DIFFERS: 'A connector is one account for life. Make another connector.',
  REDIRECT_REFUSED: 'Add the exact origin to `REDIRECT_ORIGINS`.',
  UNAUTHENTICATED:
    'Check the token: its end, issuer and audience (`JWT_ISSUER`, `JWT_AUDIENCE`), the clock of the caller, and that a signed request is sent once, over the very address and body.',
  FORBIDDEN: 'The message names the scope or the header (`X-Tenant`) that is missing.',
  NOT_VERIFIED: 'Wait for the sync to end. If a storage node is down, nothing is erased until it is back.',
  GONE: 'The code was used or is over, or `VAULT_LEGACY_GET` is off: use the POST form.',
  IDEMPOTENCY_CONFLICT: 'Use a new Idempotency-Key for another request; wait for the one that runs.',
  LIMIT_REACHED: 'Delete connectors that are not used, or raise `CONNECTORS_PER_TENANT`.',
  PRECONDITION_FAILED: 'Read it again and send the new ETag in If-Match.',
  TOO_LARGE: 'A body may have 1 MB.',
  TYPE_UNSUPPORTED: 'Send `Content-Type: application/json`.',
  CAPABILITY_MISSING: 'The message names what the provider offers; docs/PROVIDERS.md lists it.',
  TOO_MANY_REQUESTS: 'Wait as long as `Retry-After` says; see the `RATE_…` settings and `TRUST_PROXY`.',
  INTERRUPTED: 'Sync again. What was committed stays, and the next sync goes on there.',
  TOKEN_REVOKED:
    'Connect the account anew. Often: the person took the permission back, changed a password, or a refresh token was used elsewhere.',
  SCOPE_MISSING: 'Connect anew and leave the named permission ticked.',
  CODE_REJECTED:
    'Begin anew. If it happens each time: the redirect address that is registered at the provider is not exactly the node’s.',
  RATE_LIMITED: 'Nothing: the sync goes on when the provider allows it. Sync less often if it stays.',
  PROVIDER_DOWN: `${AGAIN} look at the provider’s status page, and whether the node may reach it.`,
  STORAGE_UNREACHABLE: `${AGAIN} check each of \`VERIDA_STORAGE_NODES\`. Sealed copies wait on the disk meanwhile.`,
  REPLICATION_STALLED: `${AGAIN} look at the storage node’s load and disk.`,
  WRITE_CONFLICT: 'Another sync of the connection runs, or two changed it at once: try again.',
  ERASE_INCOMPLETE: `${AGAIN} look who holds files open in \`DATA_DIR/staging\`.`,
  RESOLVER_DOWN: `${AGAIN} check \`VERIDA_RPC_URL\`.`,
  ISSUER_DOWN: `${AGAIN} check \`JWT_JWKS_URL\` from the node’s machine.`,
  STORE_UNAVAILABLE: `${AGAIN} check \`DATABASE_URL\`; \`/readyz\` says when it is back.`,
  CURSOR_EXPIRED: 'Nothing: the stream is read anew once.',
  RECORD_SKIPPED: 'Nothing. The receipt counts it under its reason.',
  FILE_TOO_LARGE: 'The file is over the cap; its record is kept without content.',
  PROVIDER_CHANGED:
    'The provider answers in another form than documented when it was written. Run `npm run provider -- check <id>`, and report it with the line of the log.',
  SCHEMA_MISSING: 'A provider names a schema that is not pinned under `schemas/`.',
  SEAL_FAILED:
    'The message names the key. Put the old `CONNECTOR_ENCRYPTION_KEY` back beside the new one; `connector-node keys status` shows which is needed.',
  DISK_FULL: 'Make room in `DATA_DIR`, or lower `STAGING_MAX_MB`. Nothing is lost.',
  REVISION_REFUSED:
    'Somebody else wrote into a database of this node. Look at it with `connector-node verify DATABASE --key HEX`.',
  VERIFY_MISMATCH:
    'A storage node confirmed what it does not hold. The local copy is kept; look at that node, or leave it out by `VERIFY_NODES`.',
  RECEIPT_FAILED: 'Look at the log: the node’s identity key could not sign. Data stays.',
  STORE_LOCKED: 'Another process uses this `DATA_DIR`. Stop it, or use `DATABASE_URL` for several.',
  INTERNAL: 'A fault of ours: the log has it under the request’s id.',
}

/** Every code of the table; one without a step of its own says what its fate means. */
export function troubleshootingRows(): string {
  const rows = Object.entries(errorTable).map(
    ([code, { public: text }]) => `| \`${code}\` | ${text} | ${stepFor(code as ErrorCode)} |`,
  )
  return ['| code | says | what to do |', '| --- | --- | --- |', ...rows].join('\n')
}

function stepFor(code: ErrorCode): string {
  const known = steps[code]
  if (known !== undefined) return known
  switch (errorTable[code].fate) {
    case 'retry':
      return `${AGAIN} look at the log.`
    case 'reconnect':
      return 'Connect the account anew.'
    case 'skip':
      return 'Nothing; it is counted.'
    case 'stop':
    case 'bug':
      return 'Look at the log; data is kept.'
    case 'refuse':
      return 'The message says what is wrong with the request.'
  }
}
