/** What the query layer needs of a database engine: connections that run one statement at a time, nothing else. */

/** How many rows came back or changed, and what was run. */
export interface SqlResult {
  readonly rows: readonly unknown[]
  /** Rows returned, inserted, changed or deleted. */
  readonly rowCount: number
  /** The command tag's first word; COMMIT of a failed transaction says ROLLBACK. */
  readonly command: string | undefined
}

/** Held by one caller until released. */
export interface SqlConnection {
  /** The same object for the same session of the engine. */
  readonly session: object
  /** Without parameters the text may hold several statements: the rows of all are given, and the last one's count and command. */
  query(text: string, parameters: readonly unknown[]): Promise<SqlResult>
  /** `broken`: it may be in an unknown state and must not be used again. */
  release(broken: boolean): void
}

export interface ConnectionSource {
  readonly dialect: 'pglite' | 'postgres'
  /** Opens a transaction. */
  readonly begin: string
  acquire(): Promise<SqlConnection>
  /** Waits for what is under way; does nothing the second time. */
  close(): Promise<void>
}
