/** The node's derivation secrets by version (protocol.md 1.5): the newest names new databases, older ones open what they made. */
import { randomBytes } from 'node:crypto'
import { NodeError } from '../errors.js'
import type { Bytes } from '../lib/keyed-hash.js'
import { reveal, type Redacted } from '../lib/redacted.js'

export interface NodeSecrets {
  /** The highest version. */
  readonly current: number
  /** Highest first. */
  readonly versions: readonly number[]
  /** 32 bytes. @throws NodeError CONFIG_INVALID for a version that is not configured */
  secret(version: number): Bytes
}

const ENTRY = /^(?:(\d{1,6}):)?((?:0x)?[0-9a-fA-F]{64})$/

/**
 * Reads NODE_DERIVATION_SECRET: `<version>:<64 hex>`, separated by commas; a single secret without a version is version 1.
 * @throws NodeError CONFIG_INVALID
 */
export function parseNodeSecrets(text: Redacted): NodeSecrets {
  const parts = reveal(text).split(',')
  const secrets = new Map<number, Bytes>()
  for (const [index, part] of parts.entries()) {
    const [, version = parts.length === 1 ? '1' : undefined, hex] = ENTRY.exec(part.trim()) ?? []
    const bytes = Buffer.from(hex?.replace(/^0x/, '') ?? '', 'hex')
    if (version === undefined || Number(version) < 1 || hex === undefined) {
      throw invalid(`secret ${index + 1} must be <version>:<32 bytes as hex>`)
    }
    if (new Set(bytes).size < 16) throw invalid(`secret ${index + 1} is not random`)
    if (secrets.has(Number(version))) throw invalid(`version ${version} is there twice`)
    secrets.set(Number(version), bytes)
  }
  const versions = [...secrets.keys()].sort((a, b) => b - a)
  return {
    current: versions[0] ?? 1,
    versions,
    secret(version) {
      const secret = secrets.get(version)
      if (secret === undefined)
        throw invalid(`version ${version} is missing, and something on this node still needs it`)
      return secret
    },
  }
}

/** A new secret as it is written in NODE_DERIVATION_SECRET. */
export function generateNodeSecret(version = 1): string {
  return `${version}:${randomBytes(32).toString('hex')}`
}

function invalid(detail: string): NodeError {
  return new NodeError('CONFIG_INVALID', { detail: `NODE_DERIVATION_SECRET: ${detail}` })
}
