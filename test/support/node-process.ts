/** A whole node in a process of its own, so that it can be killed: by its parent, or by itself at a stage. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { JobPace } from '../../src/jobs/index.js'

export interface NodeProcessOptions {
  /** Settings, as in `.env.example`. */
  readonly environment: Readonly<Record<string, string>>
  /** All that the node logs, at every level. */
  readonly logFile: string
  readonly jobPace?: Partial<JobPace>
}

/** Something that a node logs. */
export interface Moment {
  readonly event: string
  readonly stage?: string
  readonly times: number
}

export interface NodeProcess {
  readonly url: string
  readonly did: string
  readonly pid: number
  /** Resolves when the process is gone, with what ended it. */
  readonly gone: Promise<string>
  /** SIGKILL by itself when this is logged for the n-th time from now on. */
  killAt(moment: Moment): void
  /** SIGKILL; a second call does nothing. */
  kill(): Promise<void>
  /** SIGTERM, as an operator stops it; waits until it is gone. */
  stop(): Promise<void>
}

export async function nodeProcess(options: NodeProcessOptions): Promise<NodeProcess> {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const file = fileURLToPath(new URL('node-child.ts', import.meta.url))
  const child = fork(file, [], { execArgv: ['--liftoff-only', '--import', loader] })
  const gone = once(child, 'exit').then(([code, signal]) => String(signal ?? code))
  child.send(options)
  const started = await Promise.race([
    once(child, 'message').then(([facts]) => facts as { url: string; did: string; error?: string }),
    gone.then((how) => ({ url: '', did: '', error: `ended by ${how}` })),
  ])
  if (started.error !== undefined) {
    child.kill('SIGKILL')
    throw new Error(`the node did not start: ${started.error}`)
  }
  return {
    url: started.url,
    did: started.did,
    pid: child.pid ?? 0,
    gone,
    killAt: (moment) => void child.send(moment),
    async kill() {
      child.kill('SIGKILL')
      await gone
    },
    async stop() {
      child.kill('SIGTERM')
      await gone
    },
  }
}
