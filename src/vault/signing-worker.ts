/** The thread of signing-thread.ts: signs batches of texts with the key that it is started with, and does nothing else. */
import { parentPort, workerData } from 'node:worker_threads'
import { signText } from './text-signature.js'

export interface TextBatch {
  readonly id: number
  readonly texts: readonly string[]
}

export interface SignedBatch {
  readonly id: number
  /** In the order of the texts. */
  readonly signatures: readonly string[]
}

const key = workerData as Uint8Array

parentPort?.on('message', ({ id, texts }: TextBatch) => {
  const signatures = texts.map((text) => signText(text, key))
  parentPort?.postMessage({ id, signatures } satisfies SignedBatch)
})
