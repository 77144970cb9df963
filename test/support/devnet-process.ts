/** A local network in a process of its own, so that it can be killed. Its faults are set over the control route. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { ControlCommand, Devnet, DevnetNode, DevnetOptions } from '../../src/devnet/index.js'
import { postJson } from './devnet-account.js'

export interface DevnetProcess extends Pick<Devnet, 'rpcUrl' | 'didEndpoints' | 'schemaPaths'> {
  readonly storageNodes: readonly Pick<DevnetNode, 'url' | 'couchUrl' | 'admin'>[]
  /** Needs `controlToken` in the options. */
  control(node: Pick<DevnetNode, 'url'>, command: ControlCommand): Promise<unknown>
  /** SIGKILL; resolves when the process is gone. A second call does nothing. */
  kill(): Promise<void>
}

/** The caller owns the folder and kills the process. */
export async function devnetProcess(options: Omit<DevnetOptions, 'clock'>): Promise<DevnetProcess> {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const file = fileURLToPath(new URL('devnet-child.ts', import.meta.url))
  const child = fork(file, [], { execArgv: ['--import', loader] })
  const gone = once(child, 'exit')
  child.send(options)
  const started = await Promise.race([
    once(child, 'message').then(([facts]) => facts as Omit<DevnetProcess, 'control' | 'kill'>),
    gone.then(() => undefined),
  ])
  if (started === undefined) throw new Error('the network did not start')
  return {
    ...started,
    async control({ url }, command) {
      const { status, body } = await postJson(`${url}__faults`, command, options.controlToken)
      if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`)
      return body
    },
    async kill() {
      child.kill('SIGKILL')
      await gone
    },
  }
}
