/** Stage 3: only records that pass their schema go on; it alone makes a `ValidRecord`. */
import { createValidator } from '../../schemas/index.js'
import type { MappedPage, Rejected } from './map-page.js'
import type { SchemaUri, ValidRecord } from './record.js'

/** A storage node refuses documents above 8 MB as stored; base64 and padding take a third. */
const MAX_RECORD_CHARACTERS = 4_000_000

export interface CheckedPage {
  readonly valid: readonly ValidRecord[]
  readonly rejected: readonly Rejected[]
}

/** `schema` is pinned: streamSchema has seen to that. */
export function validatePage(schema: SchemaUri, page: MappedPage): CheckedPage {
  const validate = createValidator(schema)
  const valid: ValidRecord[] = []
  const rejected: Rejected[] = [...page.rejected]
  for (const mapped of page.records) {
    const item = mapped.record['sourceData'] ?? null
    const result = validate(mapped.record)
    if (!result.ok) {
      const paths = result.errors.slice(0, 5).map((error) => `${error.path}:${error.message}`)
      rejected.push({ item, reason: `SCHEMA ${paths.join(' ')}`, sourceId: mapped.sourceId })
    } else if (mapped.characters > MAX_RECORD_CHARACTERS) {
      rejected.push({ item, reason: 'TOO_LARGE', sourceId: mapped.sourceId })
    } else {
      valid.push(mapped as ValidRecord)
    }
  }
  return { valid, rejected }
}
