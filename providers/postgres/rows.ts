/** Tables without a watermark: each run reads them whole in the order of their key, and what it no longer meets was deleted. */
import { defineStream, z } from '../../src/provider/index.js'
import { readNames } from './names.js'
import { draftOf } from './draft.js'
import { itemOf, readPage, row } from './page.js'
import { partitionsBy } from './partitions.js'
import { checkKeys, checkOrder, orderOf, place, placeOf } from './place.js'
import { inRunSession } from './session.js'
import { sourceOf } from './source.js'

/** `order`: the columns and their types that places are told by; `at`: the key of the last row, none at the end. */
const cursorForm = z.object({ order: z.array(z.string()), at: place.nullable() })

export const rows = defineStream({
  name: 'rows',
  label: 'Rows of tables without a watermark',
  schema: 'data/row',
  cursor: cursorForm,
  item: row,
  deletes: 'scan',
  incremental: false,
  partitions: partitionsBy((hasWatermark) => !hasWatermark),

  fetchPage(http, cursor, context) {
    const { texts } = context.fields
    return inRunSession(http, context, async (session) => {
      const source = await sourceOf(session, texts, context.partition)
      const order = orderOf(source, source.keys)
      const after = cursor?.at ?? undefined
      if (after === undefined) await checkKeys(session, source)
      else checkOrder(cursor?.order, order)
      const page = await readPage(session, source, {
        by: source.keys,
        after,
        limit: Number(texts['pageRows']),
      })
      const [title] = readNames(texts['title'])
      const last = page.rows.at(-1)
      return {
        items: page.rows.map((one) => itemOf(source, one, title)),
        cursor: { order, at: page.more && last !== undefined ? placeOf(last.place) : null },
        more: page.more,
      }
    })
  },

  map: draftOf,
})
