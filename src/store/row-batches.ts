/** Gathers rows, as JSON text, for statements that neither hold too many nor grow too large. */

/** One row for a table. */
export interface RowText {
  readonly table: string
  /** A JSON object. */
  readonly json: string
}

const MAX_ROWS = 500
const MAX_CHARACTERS = 4 * 1024 * 1024

/** In order, each batch a JSON array for one table; a row larger than a statement should be comes alone. */
export async function* rowBatches(
  rows: Iterable<RowText> | AsyncIterable<RowText>,
): AsyncGenerator<RowText & { readonly count: number }> {
  let table = ''
  let texts: string[] = []
  let characters = 0
  const batch = () => ({ table, json: `[${texts.join(',')}]`, count: texts.length })
  for await (const row of rows) {
    const isFull = texts.length === MAX_ROWS || characters + row.json.length > MAX_CHARACTERS
    if (texts.length > 0 && (isFull || row.table !== table)) {
      yield batch()
      texts = []
      characters = 0
    }
    table = row.table
    texts.push(row.json)
    characters += row.json.length
  }
  if (texts.length > 0) yield batch()
}
