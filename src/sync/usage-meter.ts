/** Counts what one run uses: calls to the provider, and bytes stored. Changes nothing of what it counts. */
import type { ProviderHttp } from '../provider/index.js'
import type { DestinationRun } from './destination.js'

export class UsageMeter {
  /** Calls that a provider's code made; what the client repeated by itself counts once. */
  calls = 0
  bytes = 0

  http(http: ProviderHttp): ProviderHttp {
    return {
      get: (...call) => this.called(() => http.get(...call)),
      post: (...call) => this.called(() => http.post(...call)),
      patch: (...call) => this.called(() => http.patch(...call)),
      delete: (...call) => this.called(() => http.delete(...call)),
      download: (...call) => this.called(() => http.download(...call)),
      socket: (...call) => this.called(() => http.socket(...call)),
    }
  }

  run(run: DestinationRun): DestinationRun {
    return {
      database: (schema) => run.database(schema),
      documentId: (schema, stream, sourceId) => run.documentId(schema, stream, sourceId),
      isLost: (schema) => run.isLost(schema),
      box: (schema, purpose) => run.box(schema, purpose),
      write: async (page) => {
        const counts = await run.write(page)
        this.bytes += counts.bytes
        return counts
      },
      prove: (options) => run.prove(options),
      release: (proof) => run.release(proof),
      publishHeads: (heads) => run.publishHeads(heads),
      granted: () => run.granted(),
      close: () => run.close(),
    }
  }

  private called<T>(call: () => Promise<T>): Promise<T> {
    this.calls += 1
    return call()
  }
}
