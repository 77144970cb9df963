/** What a pinned schema is, as far as this project reads it: JSON Schema 2020-12 with Verida's `database` member. */

/** A JSON Schema of the 2020-12 dialect. Members that only a validator reads are not described. */
export interface JsonSchema {
  readonly $schema: string
  /** The schema's URI, which records carry in their `schema` field. */
  readonly $id: string
  readonly title: string
  readonly description: string
  /** How Verida's clients store records of this schema: the database and its indexes, each a list of field paths. */
  readonly database?: {
    readonly name?: string
    readonly indexes?: Readonly<Record<string, readonly string[]>>
  }
  readonly [member: string]: unknown
}
