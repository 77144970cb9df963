/** One address and method as documents and clients see it: what goes in, what comes out, who may ask. The schemas are those that validate. */
import type { z } from 'zod'
import type { ErrorCode } from '../../errors.js'
import type { Scope } from '../authentication/principal.js'

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

/**
 * `tenant`: a tenant's JWT or service token, or the operator's with X-Tenant. `service`: a service token only. `operator`: the operator's own.
 * `operator-only`: the same where no other token is even read.
 * `owner`: an owner-signed request. `browser`: a one-use state or ticket, bound to the browser's cookie.
 */
export type Proof = 'none' | 'tenant' | 'service' | 'operator' | 'operator-only' | 'owner' | 'browser'

export interface Answer {
  readonly description: string
  readonly body?: z.ZodType
  /** Default: application/json; `none` for answers without a body. Of other types only the type is told. */
  readonly type?: string
}

/** Where the surfaces that answer in envelopes begin, unless the operator moved them (API_PREFIX). */
export const API_PREFIX = '/api'

/** Where an operation is on a node with this API_PREFIX. */
export function movedPath(path: string, apiPrefix: string): string {
  return path.startsWith(`${API_PREFIX}/`) ? apiPrefix + path.slice(API_PREFIX.length) : path
}

/** Below API_PREFIX every answer, refusals too, is an envelope. */
export const isEnveloped = ({ path }: Pick<Operation, 'path'>): boolean => path.startsWith(`${API_PREFIX}/`)

export interface Operation {
  readonly method: Method
  /** With `{name}` for what varies. */
  readonly path: string
  readonly tag: Tag
  readonly summary: string
  readonly proof: Proof
  readonly scope?: Scope
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  readonly body?: z.ZodType
  /** Takes Idempotency-Key. */
  readonly idempotent?: boolean
  /** Takes If-Match. */
  readonly versioned?: boolean
  readonly answers: Readonly<Record<number, Answer>>
  /** Refusals that belong to it, beside those of its proof and its input. */
  readonly errors?: readonly ErrorCode[]
}

/** Operations by their id, which names the call in a client. */
export type Operations = Readonly<Record<string, Operation>>

export const TAGS = {
  Catalog: 'What can be connected here.',
  Connectors: 'Accounts of a tenant: connected, tested, synced, paused, deleted.',
  'Sign-ins': 'OAuth of tenants’ applications.',
  Unified: 'Every provider in one shape: browse, connect, watch. Answers are envelopes.',
  Records: 'What was read, and the audit log.',
  Calendars: 'Google calendars that people connect for a tenant’s subaccounts, by invitation.',
  Files: 'Connections that list files on a schedule, the files, and their runs.',
  Webhooks: 'Events that applications are told.',
  Access: 'Tenants and service tokens.',
  Vault: 'The journey of a Vault: connect, sync, receipts, disconnect.',
  Operations: 'Health of the node.',
  Documents: 'This document and the schemas.',
  Pages: 'For people with a browser.',
} as const satisfies Readonly<Record<string, string>>

export type Tag = keyof typeof TAGS
