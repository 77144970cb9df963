/** The most that one exchange with a service may take, in time and in size. */

export interface Caps {
  /** Until the connection stands, name resolution and TLS included. */
  readonly connectMs: number
  /** From the request to the head of the answer. */
  readonly headersMs: number
  /** For the whole body: a service that drips bytes ends here. */
  readonly bodyMs: number
  /** After the deadline of its run, for a call that is under way then. */
  readonly overtimeMs: number
  /** Of the body after decompression. */
  readonly bodyBytes: number
  /** Of a file, after decompression, where the call names no less. */
  readonly downloadBytes: number
  /** Of one bare connection: who reads it may hold a whole message in memory. */
  readonly socketBytes: number
  /** Until the next bytes of a file come. */
  readonly stallMs: number
  /** For a whole file, where the run has no deadline. */
  readonly downloadMs: number
  /** Levels of arrays and objects in JSON. */
  readonly jsonDepth: number
  readonly redirects: number
}

export const CAPS: Caps = {
  connectMs: 10_000,
  headersMs: 30_000,
  bodyMs: 60_000,
  overtimeMs: 10_000,
  bodyBytes: 50_000_000,
  downloadBytes: 1_000_000_000,
  socketBytes: 200_000_000,
  stallMs: 30_000,
  downloadMs: 3_600_000,
  jsonDepth: 200,
  redirects: 3,
}
