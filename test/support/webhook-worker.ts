/** A process that tells an event, or delivers what is told; killed by tests before its deliveries come to an end. */
import { createLog } from '../../src/lib/log.js'
import { parseKeyRing } from '../../src/credentials/key-ring.js'
import { createJobs } from '../../src/jobs/index.js'
import { systemClock } from '../../src/lib/clock.js'
import { Redacted } from '../../src/lib/redacted.js'
import { openStore } from '../../src/store/index.js'
import { tellEvent } from '../../src/webhooks/outbound/events.js'
import { deliveryWork } from '../../src/webhooks/outbound/index.js'
import { QUICK } from './job-bench.js'

const [folder = '', databaseUrl, key = '', tenant = '', connectorId = '', allowed = ''] =
  process.argv.slice(2)
const log = createLog({ level: 'warn', json: true, write: (line) => process.stderr.write(line) })
const store = await openStore({ folder, databaseUrl: databaseUrl === '' ? undefined : databaseUrl })
const work = deliveryWork({
  store,
  ring: parseKeyRing(new Redacted(key)),
  clock: systemClock,
  log,
  allowOrigins: allowed === '' ? [] : [allowed],
})
const jobs = await createJobs({
  store,
  clock: systemClock,
  log,
  role: 'all',
  limits: { places: 1, placesPerTenant: 1 },
  pace: QUICK,
  runSync: () => Promise.resolve(),
  lanes: [
    {
      queue: 'webhooks',
      places: 4,
      placesPerGroup: 4,
      kinds: [
        {
          name: 'webhook',
          everyMs: 50,
          claimDue: (tx, nowMs, limit) => work.claimDue(tx, nowMs, limit),
          // Without an allowed origin it dies between the commit and the sending.
          run: (task, signal) => {
            process.send?.('taken')
            return allowed === '' ? new Promise(() => undefined) : work.run(task, signal)
          },
        },
      ],
    },
  ],
})
await store.tenant(tenant, (tx) =>
  tellEvent(tx, {
    type: 'connection.created',
    connector: { id: connectorId, tenant, type: 'sandbox' },
    facts: { subject: 'ann' },
    nowMs: systemClock.now(),
  }),
)
process.send?.('told')
process.once('message', () => void jobs.start())
