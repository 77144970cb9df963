/** Refusals of a request, with the paths of the surface (`sync_frequency`) and never the values. */
import type { z } from 'zod'
import { NodeError } from '../errors.js'
import { unknownMembers } from '../lib/unknown-members.js'

export interface Fault {
  readonly path: string
  readonly message: string
}

export const invalid = (path: string, message: string): NodeError => invalidFields([{ path, message }])

export const invalidFields = (fields: readonly Fault[]): NodeError =>
  new NodeError('REQUEST_INVALID', { fields })

/** What is wrong below `prefix`; names that are not ours are not repeated. */
export function faultsOf(prefix: string, { issues }: z.ZodError): readonly Fault[] {
  return issues.map((issue) => ({
    path: [prefix, ...issue.path].join('.'),
    message: issue.code === 'unrecognized_keys' ? unknownMembers([]) : issue.message,
  }))
}
