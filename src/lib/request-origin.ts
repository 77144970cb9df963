/** Where the request comes from that the running work is done for; work of the node's own has none. */
import { AsyncLocalStorage } from 'node:async_hooks'

export interface RequestOrigin {
  readonly address: string | null
  readonly requestId: string
}

const origins = new AsyncLocalStorage<RequestOrigin>()

/** Everything that `work` begins is done for this request. */
export const asRequest = <T>(origin: RequestOrigin, work: () => T): T => origins.run(origin, work)

export const requestOrigin = (): RequestOrigin | undefined => origins.getStore()
