/** What a server's failure means, by its SQLSTATE. Its words are never repeated: they may quote data. https://www.postgresql.org/docs/current/errcodes-appendix.html */
import { DatabaseError } from 'pg'
import { NodeError } from '../../src/provider/index.js'

const CONNECTIONS_WAIT_MS = 60_000

/** What a person told that the server has nothing of; `path` names the field. */
export const refused = (path: string, message: string): NodeError =>
  new NodeError('REQUEST_INVALID', { detail: `${path} ${message}`, fields: [{ path, message }] })

/** Failures of what was entered: the field, and what is wrong with it. */
const ENTERED: Readonly<Record<string, readonly [path: string, message: string]>> = {
  '3D000': ['database', 'is not on this server'],
  // What it would take is not bound, or has no type.
  '08P01': ['query', 'has a parameter'],
  '25006': ['query', 'would change something'],
  '0A000': ['query', 'holds what a query inside of a query cannot do'],
  '42601': ['query', 'is not one select statement'],
  '42P01': ['query', 'names a table that is not there'],
  '42702': ['query', 'has two columns of one name'],
  '42703': ['query', 'names a column that is not there'],
  '42883': ['query', 'calls a function or operator that is not there'],
  '42P02': ['query', 'has a parameter'],
}

/** Where the certificate of the server is to blame. https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ISSUER|CRL|HOSTNAME_MISMATCH/

/** @returns an error without the words of the server, which knows nothing of the code of its cause */
export function failureOf(cause: unknown): NodeError {
  if (cause instanceof NodeError) return cause
  if (cause instanceof DatabaseError) return stateFailure(cause.code ?? 'none')
  if (cause instanceof SyntaxError)
    return new NodeError('PROVIDER_CHANGED', { detail: 'a value of another form' })
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : ''
  if (CERTIFICATE.test(code))
    return refused(code.includes('ALTNAME') ? 'serverName' : 'ca', `does not prove the server (${code})`)
  return new NodeError('PROVIDER_DOWN', { detail: code === '' ? 'the connection ended' : code })
}

function stateFailure(state: string): NodeError {
  const detail = `SQLSTATE ${state}`
  const entered = ENTERED[state]
  if (entered !== undefined) return refused(entered[0], `${entered[1]} (${detail})`)
  if (state === '28P01' || state === '28000') return new NodeError('TOKEN_REVOKED', { detail })
  if (state === '42501') return new NodeError('SCOPE_MISSING', { detail })
  if (state === '53300') return new NodeError('RATE_LIMITED', { detail, retryAfterMs: CONNECTIONS_WAIT_MS })
  // Connections, resources, conflicts with a standby, time-outs, shut-downs, and faults of the server itself.
  if (/^(?:08|25P03|40|53|55P03|57|58|XX)/.test(state)) return new NodeError('PROVIDER_DOWN', { detail })
  return new NodeError('PROVIDER_CHANGED', { detail })
}

/** For a run: what a person entered was right once, so the database has changed; a certificate may come back. */
export function inRun(error: NodeError): NodeError {
  if (error.code !== 'REQUEST_INVALID') return error
  const isCertificate = /^(?:ca|serverName) /.test(error.detail ?? '')
  return new NodeError(isCertificate ? 'PROVIDER_DOWN' : 'PROVIDER_CHANGED', { detail: error.detail ?? '' })
}
