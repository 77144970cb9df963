/** Whether a connector copies contents of files into its owner's databases, and up to which size. */
import { z } from 'zod'
import type { JsonObject } from '../lib/canonical-json.js'
import type { Provider } from '../provider/index.js'
import type { Connector } from '../store/index.js'
import type { Fault } from './invalid.js'

export interface FileContentWish {
  /** Of one file; `null`: contents were wanted once, and are no more. */
  readonly maxBytes: number | null
  /** Counts its changes. */
  readonly revision: number
}

const config = z.object({ fileContent: z.object({ maxBytes: z.number().nullable(), revision: z.number() }) })

/** `undefined`: contents were never wanted. */
export function fileContentOf(connector: Pick<Connector, 'config'>): FileContentWish | undefined {
  return config.safeParse(connector.config).data?.fileContent
}

/** The row's config with another cap; `undefined`, or the one that it has, leaves it as it is. */
export function withFileContent(config: JsonObject, maxBytes: number | null | undefined): JsonObject {
  const before = fileContentOf({ config })
  if (maxBytes === undefined || maxBytes === (before?.maxBytes ?? null)) return config
  return { ...config, fileContent: { maxBytes, revision: (before?.revision ?? 0) + 1 } }
}

interface Wishes {
  readonly fileContentMaxBytes?: number | null | undefined
  readonly streams?: readonly string[] | null | undefined
}

/** Rows of a tenant hold no files: contents go to an owner's databases alone. */
export function fileContentFaults(
  { label, streams: all }: Provider,
  { fileContentMaxBytes, streams }: Wishes,
  destination: Connector['destination'],
): readonly Fault[] {
  if (typeof fileContentMaxBytes !== 'number') return []
  const path = 'options.file_content_max_bytes'
  if (destination !== 'vault') return [{ path, message: 'goes with destination "vault" only' }]
  const offering = all.filter(({ content }) => content !== undefined).map(({ name }) => name)
  if (offering.length === 0) return [{ path, message: `${label} gives no contents of files` }]
  const isRead = streams === null || streams === undefined || offering.some((name) => streams.includes(name))
  return isRead ? [] : [{ path, message: `goes with the stream ${offering.join(' or ')} only` }]
}
