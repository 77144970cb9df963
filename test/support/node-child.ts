/** The process behind `nodeProcess`: a whole node, which can be told to die in the act of entering a stage. */
import { readConfig } from '../../src/config.js'
import { createLog, type Log, type LogEvent } from '../../src/lib/log.js'
import { startNode } from '../../src/main.js'
import type { Moment, NodeProcessOptions } from './node-process.js'

process.once('message', (options: NodeProcessOptions) => void start(options))
process.on('disconnect', () => process.exit(0))

async function start({ environment, logFile, jobPace }: NodeProcessOptions): Promise<void> {
  const { appendFileSync } = await import('node:fs')
  const write = (line: string): void => appendFileSync(logFile, line)
  const written = createLog({ level: 'debug', json: true, write })
  let killAt: Moment | undefined
  let left = 0
  process.on('message', (moment: Moment) => {
    killAt = moment
    left = moment.times
  })
  const watch =
    (level: keyof Log) =>
    (event: LogEvent, facts: { readonly stage?: string } = {}): void => {
      written[level](event, facts)
      if (killAt === undefined || event !== killAt.event) return
      if (killAt.stage !== undefined && facts.stage !== killAt.stage) return
      left -= 1
      if (left === 0) process.kill(process.pid, 'SIGKILL')
    }
  const log = { debug: watch('debug'), info: watch('info'), warn: watch('warn'), error: watch('error') }
  try {
    const config = readConfig(environment)
    const node = await startNode({ config, log, ...(jobPace && { jobPace }) })
    process.once('SIGTERM', () => void node.close().then(() => process.exit(0)))
    process.send?.({ url: node.url, did: node.did })
  } catch (error) {
    process.send?.({ error: String(error) })
  }
}
