/** A row as a record. */
import { excerpt, type Draft, type JsonObject, type z } from '../../src/provider/index.js'
import type { row } from './page.js'

export const draftOf = (item: z.output<typeof row>): Draft => ({
  sourceId: `${item.collection}/${item.id}`,
  ...(item.changed !== undefined && { modifiedAt: item.changed }),
  fields: {
    name: excerpt(item.title, 120) ?? item.id,
    collection: item.collection,
    keys: [...item.keys],
    row: item.row as JsonObject,
    // It is the row.
    sourceData: {},
  },
})
