/**
 * Signs many texts beside the event loop: signing is the largest part of a record's cost. The thread starts at the first
 * batch that is worth it; where there can be none, the same is done here.
 */
import { Worker } from 'node:worker_threads'
import type { Bytes } from '../lib/keyed-hash.js'
import type { SignedBatch, TextBatch } from './signing-worker.js'
import { signText } from './text-signature.js'

/** Fewer texts than these are signed here at once. */
const WORTH_A_THREAD = 32

interface Waiting {
  readonly texts: readonly string[]
  readonly resolve: (signatures: readonly string[]) => void
}

export class SigningThread {
  readonly #key: Uint8Array
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | undefined
  #isLost = false
  #last = 0

  constructor(key: Bytes) {
    this.#key = Uint8Array.from(key)
  }

  /** Whether there is a thread now. */
  get isRunning(): boolean {
    return this.#worker !== undefined && !this.#isLost
  }

  /** One signature per text, in order. Never rejects. @throws at once when the key is not one */
  sign(texts: readonly string[]): Promise<readonly string[]> {
    if (texts.length < WORTH_A_THREAD || this.#isLost) return Promise.resolve(this.here(texts))
    const worker = (this.#worker ??= this.start())
    return new Promise((resolve) => {
      this.#last += 1
      this.#waiting.set(this.#last, { texts, resolve })
      worker.ref()
      worker.postMessage({ id: this.#last, texts } satisfies TextBatch)
    })
  }

  /** What is still waiting is signed here. */
  async close(): Promise<void> {
    this.#isLost = true
    await this.#worker?.terminate()
  }

  private start(): Worker {
    const worker = openWorker(this.#key)
    worker.on('message', ({ id, signatures }: SignedBatch) => {
      this.#waiting.get(id)?.resolve(signatures)
      this.#waiting.delete(id)
      // Alone it does not keep the process.
      if (this.#waiting.size === 0) worker.unref()
    })
    // An error ends it too; whatever was the reason, nothing is lost with it.
    worker.on('error', () => undefined)
    worker.on('exit', () => this.takeOver())
    return worker
  }

  private takeOver(): void {
    this.#isLost = true
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { texts, resolve } of waiting) resolve(this.here(texts))
  }

  private here(texts: readonly string[]): readonly string[] {
    return texts.map((text) => signText(text, this.#key))
  }
}

/** Compiled, or from the sources: then tsx has to be told in every thread anew. */
function openWorker(workerData: Uint8Array): Worker {
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL('./signing-worker.js', import.meta.url), { workerData })
  const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'))
  const source = JSON.stringify(new URL('./signing-worker.ts', import.meta.url).href)
  const code = `import(${tsx}).then(({ register }) => { register(); return import(${source}) })`
  return new Worker(code, { eval: true, workerData, execArgv: [] })
}
