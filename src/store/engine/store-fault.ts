/** Turns what a database engine throws into errors of our table; values of rows and parameters never go along. */
import { NodeError } from '../../errors.js'

/** SQLSTATE classes and codes: https://www.postgresql.org/docs/15/errcodes-appendix.html */
const UNAVAILABLE = /^(08|25P03|57P0|53[023]|58|XX)/
const CONFLICT = new Set(['40001', '40P01', '55P03', '57014'])
const REFUSED = /^(28|3D|42501)/
/** Five letters and digits, at least one digit: EPIPE is none. */
const SQLSTATE = /^(?=.*\d)[0-9A-Z]{5}$/

/** An error of the table for anything an engine throws. */
export function storeFault(thrown: unknown): NodeError {
  if (thrown instanceof NodeError) return thrown
  if (!(thrown instanceof Error)) return new NodeError('INTERNAL', { detail: 'the database threw no error' })
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined
  const cause = withoutValues(thrown, code)
  if (code === undefined) {
    // A lost connection and a dead engine come without any code; a wrong argument of ours is a TypeError.
    const ours = thrown instanceof TypeError || thrown instanceof RangeError
    return new NodeError(ours ? 'INTERNAL' : 'STORE_UNAVAILABLE', { detail: thrown.message, cause })
  }
  if (!SQLSTATE.test(code) || UNAVAILABLE.test(code)) {
    return new NodeError('STORE_UNAVAILABLE', {
      detail: `the database does not answer (${code}): ${thrown.message}`,
      cause,
    })
  }
  if (code === '53100') return new NodeError('DISK_FULL', { detail: 'the database has no room left', cause })
  if (CONFLICT.has(code))
    return new NodeError('WRITE_CONFLICT', { detail: `database conflict ${code}`, cause })
  // The same code as for a login without rights, but it is this node that mixed up two tenants.
  if (code === '42501' && 'routine' in thrown && thrown.routine === 'ExecWithCheckOptions')
    return new NodeError('INTERNAL', { detail: cause.message, cause })
  if (REFUSED.test(code)) {
    return new NodeError('STORE_UNAVAILABLE', {
      detail: `the database refuses this node (${code}): ${thrown.message}`,
      cause,
    })
  }
  return new NodeError('INTERNAL', { detail: `database error ${code}: ${cause.message}`, cause })
}

/**
 * Engines attach parameters and row values to their errors, and some messages quote a value
 * (`invalid input syntax for type uuid: "..."`); logs must not get them.
 */
function withoutValues(thrown: Error, code: string | undefined): Error {
  const constraint =
    'constraint' in thrown && typeof thrown.constraint === 'string' ? ` (${thrown.constraint})` : ''
  const plain = new Error(
    code?.startsWith('22') ? `invalid value${constraint}` : `${thrown.message}${constraint}`,
  )
  plain.name = thrown.name
  if (thrown.stack !== undefined) plain.stack = stackOf(thrown.stack, plain.message)
  return plain
}

function stackOf(stack: string, message: string): string {
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line))
  return [message, ...frames].join('\n')
}
