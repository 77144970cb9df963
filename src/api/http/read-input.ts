/** Reads parameters strictly: one plain string each, or a REQUEST_INVALID that names the parameter and never repeats its value. */
import type { Request } from 'express'
import type { z } from 'zod'
import { NodeError } from '../../errors.js'
import { parseDid, type Did } from '../../lib/did.js'
import { inWords, namesOf, unknownMembers } from '../../lib/unknown-members.js'

/** The Vault interpolates unset values into its addresses: these texts mean "none". */
const ABSENT = new Set(['', 'undefined', 'null'])

const CONTROL = /[\u0000-\u001f\u007f]/

const invalid = (path: string, message: string): NodeError =>
  new NodeError('REQUEST_INVALID', { fields: [{ path, message }] })

/** @throws NodeError REQUEST_INVALID when repeated, longer than `maxLength`, or holding control characters. */
export function optionalText(query: Request['query'], name: string, maxLength = 4096): string | undefined {
  const value: unknown = query[name]
  if (value === undefined) return undefined
  if (typeof value !== 'string') throw invalid(name, 'must be given once')
  if (ABSENT.has(value)) return undefined
  if (value.length > maxLength) throw invalid(name, 'is too long')
  if (CONTROL.test(value)) throw invalid(name, 'holds control characters')
  return value
}

/** @throws NodeError DID_INVALID */
export function readDid(text: string | undefined, network: string): Did {
  const did = text === undefined ? undefined : parseDid(text, network)
  if (did === undefined) throw new NodeError('DID_INVALID')
  return did
}

/** 32 bytes from 64 hex. @throws NodeError KEY_INVALID */
export function readKey(text: string | undefined): Buffer {
  if (text === undefined || !/^(0x)?[0-9a-fA-F]{64}$/.test(text)) throw new NodeError('KEY_INVALID')
  return Buffer.from(text.replace(/^0x/, ''), 'hex')
}

/** A checked body. @throws NodeError REQUEST_INVALID with a path for every fault; names that are not ours are not repeated. */
export function readBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body, { error: inWords })
  if (parsed.success) return parsed.data
  throw new NodeError('REQUEST_INVALID', {
    fields: parsed.error.issues.map((issue) => ({
      path: issue.path.map((name) => (OWN_NAME.test(String(name)) ? String(name) : '*')).join('.'),
      message:
        issue.code === 'unrecognized_keys'
          ? unknownMembers(issue.path.length === 0 ? namesOf(schema) : [])
          : issue.message,
    })),
  })
}

/** Of a member or a list's place; a caller's own names, such as schema URIs, have other forms. */
const OWN_NAME = /^[A-Za-z0-9_]{1,40}$/
