/** The form of `fixtures/browse/`: recorded calls, and what live reads over them must come to. */
import { z } from 'zod'
import type { Exchange } from './provider-case.js'

const query = z.strictObject({
  limit: z.number().int().min(1).max(100),
  parentId: z.string().optional(),
  containerId: z.string().optional(),
  itemId: z.string().optional(),
  kind: z.string().optional(),
  search: z.string().optional(),
  since: z.string().optional(),
  until: z.string().optional(),
})
const cases = z.array(
  z.strictObject({
    why: z.string(),
    query,
    /** Entries without `raw`, page by page to the end. */
    pages: z.array(z.array(z.record(z.string(), z.json()))),
  }),
)

export const browseExpected = z.strictObject({
  containers: cases,
  items: cases,
  comments: cases.optional(),
})

export type BrowseExpected = z.output<typeof browseExpected>
export type BrowseCase = BrowseExpected['items'][number]

export interface BrowseFixtures {
  readonly calls: readonly Exchange[]
  readonly expected: BrowseExpected | undefined
}
