/** The failure of a contract rule: what is wrong and the file to open. */

export class BrokenRule extends Error {
  override readonly name = 'BrokenRule'
  constructor(
    readonly what: string,
    /** Where a person begins to look. */
    readonly open: string,
  ) {
    super(`${what}. Open ${open}`)
  }
}

/** @throws BrokenRule unless `condition` holds */
export function must(condition: boolean, what: string, open: string): asserts condition {
  if (!condition) throw new BrokenRule(what, open)
}
