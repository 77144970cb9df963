/** Calls that are made for a connector beside its syncs count as its use of the day too. */
import { connectors, usageDaily, type Connector } from '../store/index.js'
import { UsageMeter } from '../sync/index.js'
import type { ConnectorGrantPorts } from './ports.js'

/** `failed` tells of a result that is no error and yet no success. */
export async function countUsage<T>(
  ports: Pick<ConnectorGrantPorts, 'store' | 'clock'>,
  connector: Pick<Connector, 'id' | 'tenant'>,
  work: (meter: UsageMeter) => Promise<T>,
  failed: (result: T) => boolean = () => false,
): Promise<T> {
  const meter = new UsageMeter()
  const ended = await work(meter).then(
    (result) => ({ result, isGood: !failed(result) }),
    async (error: unknown) => {
      await note(ports, connector, meter, 1)
      throw error
    },
  )
  await note(ports, connector, meter, ended.isGood ? 0 : 1)
  return ended.result
}

async function note(
  { store, clock }: Pick<ConnectorGrantPorts, 'store' | 'clock'>,
  { id, tenant }: Pick<Connector, 'id' | 'tenant'>,
  { calls }: UsageMeter,
  errors: number,
): Promise<void> {
  if (calls === 0 && errors === 0) return
  const day = new Date(clock.now()).toISOString().slice(0, 10)
  await store.tenant(tenant, async (tx) => {
    // Deleted meanwhile: there is nothing to count it on.
    if ((await connectors.get(tx, id)) === undefined) return
    await usageDaily.add(tx, { connectorId: id, tenant, day, calls, records: 0, bytes: 0, errors })
  })
}
