/** `connector-node serve`: the node until it is told to stop. */
import { readConfig } from '../config.js'
import { createLog } from '../lib/log.js'
import { openLogFile } from '../lib/log-file.js'
import { startNode } from '../main.js'

/** A second signal does not wait. */
export async function serve({ pretty }: { readonly pretty: boolean }): Promise<undefined> {
  const config = readConfig()
  const file = config.LOG_FILE === undefined ? undefined : openLogFile(config.LOG_FILE)
  const log = createLog({
    level: config.LOG_LEVEL,
    json: config.LOG_JSON && !pretty,
    ...(file && {
      write(line) {
        process.stdout.write(line)
        file.write(line)
      },
    }),
  })
  const node = await startNode({ config, log })
  if (pretty) for (const line of node.welcome) console.log(line)
  let stopping = false
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(1)
    stopping = true
    log.info('node.stopping', { signal })
    node.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error('node.stopping', { error })
        process.exit(1)
      },
    )
  }
  process.on('SIGHUP', () => {
    try {
      node.rereadKeys()
    } catch (error) {
      log.error('keys.failed', { error })
    }
  })
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}
