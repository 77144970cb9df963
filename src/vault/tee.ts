/**
 * Sends staged documents to every storage node behind the writer's back: the same bytes to all, a few batches in
 * flight, the first one small so that something arrives early. What fails here is found and mended by verify.ts.
 */
import type { NodeError } from '../errors.js'
import { toNodeError } from '../errors.js'
import { pushDocuments } from './push-documents.js'
import { stagedBytes, type StagedDocument } from './staged-document.js'
import type { Target } from './target.js'

const FIRST_BATCH = 100
const BATCH = 500
const BATCH_BYTES = 4 * 1024 * 1024
const BATCHES_IN_FLIGHT = 3

export class Tee {
  #waiting: StagedDocument[] = []
  #waitingBytes = 0
  #batch = FIRST_BATCH
  readonly #inFlight = new Set<Promise<void>>()

  constructor(private readonly targets: readonly Target[]) {}

  /** Takes documents that are staged; waits while too much is in flight. @throws what is not a storage node's failure */
  async add(documents: readonly StagedDocument[]): Promise<void> {
    for (const document of documents) {
      this.#waiting.push(document)
      this.#waitingBytes += stagedBytes(document)
      if (this.#waiting.length >= this.#batch || this.#waitingBytes >= BATCH_BYTES) await this.send()
    }
  }

  /** Everything sent and answered, or failed. */
  async flush(): Promise<void> {
    await this.send()
    await Promise.all(this.#inFlight)
  }

  private async send(): Promise<void> {
    if (this.#waiting.length === 0) return
    const documents = this.#waiting
    this.#waiting = []
    this.#waitingBytes = 0
    this.#batch = BATCH
    while (this.#inFlight.size >= BATCHES_IN_FLIGHT) await Promise.race(this.#inFlight)
    const sending = pushDocuments(this.targets, documents).finally(() => this.#inFlight.delete(sending))
    this.#inFlight.add(sending)
    // Thrown where it is awaited; without this a failure before that would end the process.
    sending.catch((error: unknown) => toNodeError(error) satisfies NodeError)
  }
}
