/** Tables with a watermark: each run reads what changed since the last, in the order of watermark and key, so that rows of one watermark are told apart. */
import { defineStream, z, type JsonObject } from '../../src/provider/index.js'
import { draftOf } from './draft.js'
import { refused } from './failures.js'
import { readNames } from './names.js'
import { column, itemOf, momentOf, readPage, row, type PageRow, type PageWish } from './page.js'
import { partitionsBy } from './partitions.js'
import { beginPass, endPass, mark, pass, type Mark, type Pass } from './pass.js'
import { checkKeys, checkOrder, orderOf, place, placeOf } from './place.js'
import { inRunSession } from './session.js'
import { sourceOf, type Source } from './source.js'
import { formOf, type WatermarkForm } from './watermark.js'

/** `order`: what places are told by; `mark`: where passes begin; `pass`: the one under way, and `at`: its last row. */
const cursorForm = z.object({
  order: z.array(z.string()),
  mark,
  pass: pass.nullable(),
  at: place.nullable(),
})

export const changes = defineStream({
  name: 'changes',
  label: 'Changed rows of tables with a watermark',
  schema: 'data/row',
  cursor: cursorForm,
  item: row,
  deletes: 'none',
  incremental: true,
  partitions: partitionsBy((hasWatermark) => hasWatermark),

  fetchPage(http, cursor, context) {
    const { texts } = context.fields
    return inRunSession(http, context, async (session) => {
      // Before the rows are looked at: what ends in between is late.
      const begun = cursor?.pass ?? (await beginPass(session))
      const source = await sourceOf(session, texts, context.partition)
      const { watermark } = source
      if (watermark === undefined) throw refused('watermark', `is no column of ${source.collection} any more`)
      const by = [watermark.name, ...source.keys.filter((name) => name !== watermark.name)]
      const order = orderOf(source, by)
      checkOrder(cursor?.order, order)
      const isFirst = !cursor?.pass
      if (isFirst) await checkKeys(session, source)
      const now: Now = {
        source,
        by,
        form: formOf(source, watermark.name),
        pass: isFirst && watermark.isNullable ? { ...begun, withoutMark: true } : begun,
        mark: cursor?.mark ?? NO_MARK,
        at: isFirst ? null : cursor.at,
      }
      const page = await readPage(session, source, wishOf(now, Number(texts['pageRows']), context.sinceMs))
      const [title] = readNames(texts['title'])
      return {
        items: page.rows.map((one) => changedItem(now, one, title)),
        ...cursorAfter(now, page, order),
      }
    })
  },

  map: draftOf,
})

const NO_MARK: Mark = { from: null, still: null }

interface Now {
  readonly source: Source
  /** The watermark, then the key. */
  readonly by: readonly string[]
  readonly form: WatermarkForm
  readonly pass: Pass
  readonly mark: Mark
  readonly at: string[] | null
}

function wishOf({ by, form, pass, mark, at }: Now, limit: number, sinceMs: number | undefined): PageWish {
  const [name = '', ...keys] = by
  // Nothing tells when such a row changes: all of them are read in every pass.
  if (pass.withoutMark) return { by: keys, after: at ?? undefined, where: [`${column(name)} is null`], limit }
  const since = sinceMs === undefined ? undefined : form.since?.(sinceMs)
  const held = form.held === undefined ? undefined : `${column(name)} ${form.held('$1')}`
  const values = [
    ...(held === undefined ? [] : [form.clock === 'local' ? pass.local : pass.settled]),
    ...(since === undefined ? [] : [since]),
  ]
  return {
    by,
    after: at ?? mark.from ?? undefined,
    where: [
      `${column(name)} is not null`,
      ...(since === undefined ? [] : [`${column(name)} >= $${values.length}`]),
    ],
    values,
    ...(held !== undefined && { held }),
    limit,
  }
}

function changedItem({ source, by, pass }: Now, one: PageRow, title: string | undefined): JsonObject {
  const item = itemOf(source, one, title)
  const changed = pass.withoutMark ? undefined : momentOf(item, by[0])
  return changed === undefined ? item : { ...item, changed }
}

function cursorAfter(
  { form, pass, mark, at }: Now,
  { rows, more }: { readonly rows: readonly PageRow[]; readonly more: boolean },
  order: string[],
) {
  const last = rows.at(-1)
  if (pass.withoutMark)
    return more
      ? { cursor: { order, mark, pass, at: last === undefined ? at : placeOf(last.place) }, more }
      : { cursor: { order, mark, pass: { ...pass, withoutMark: false }, at: null }, more: true }
  const lastHeld = rows.findLast(({ isHeld }) => isHeld)
  const held = lastHeld === undefined ? pass.held : placeOf(lastHeld.place)
  if (more)
    return {
      cursor: { order, mark, pass: { ...pass, held }, at: last === undefined ? at : placeOf(last.place) },
      more,
    }
  return { cursor: { order, mark: endPass(mark, { ...pass, held }, form), pass: null, at: null }, more }
}
