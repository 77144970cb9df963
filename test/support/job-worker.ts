/** A process of the node's job queue on a database of its own or of others; started and killed by tests. Its runs never end. */
import { createLog } from '../../src/lib/log.js'
import { openStore } from '../../src/store/index.js'
import { openJobs } from './job-bench.js'

const [folder = '', databaseUrl] = process.argv.slice(2)
const store = await openStore({ folder, databaseUrl: databaseUrl === '' ? undefined : databaseUrl })
const jobs = await openJobs(
  store,
  ({ connectorId, attempt, signal }) =>
    new Promise((_, reject) => {
      process.send?.({ connectorId, attempt })
      signal.addEventListener('abort', () => reject(signal.reason as Error))
    }),
  { log: createLog({ level: 'warn', json: true, write: (line) => process.stderr.write(line) }) },
)
process.on('message', (connectorId: string) => {
  void jobs.enqueueSync(connectorId, 'request')
})
await jobs.start()
process.send?.('ready')
