/** `connector-node provider check ID` or `--all`: the provider suite over one folder or every one. It judges nothing itself. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NodeError } from '../errors.js'

const project = fileURLToPath(new URL('../..', import.meta.url))

/** @returns the exit code of the suite. @throws NodeError PROVIDER_UNKNOWN when there is no such folder */
export async function checkProvider(id?: string): Promise<number> {
  if (id !== undefined && (!/^_?[a-z0-9-]+$/.test(id) || !existsSync(join(project, 'providers', id))))
    throw new NodeError('PROVIDER_UNKNOWN', { detail: `there is no folder providers/${id}` })
  const suite = [
    'vitest',
    'run',
    'test/contract/providers.test.ts',
    '--reporter=verbose',
    '--hideSkippedTests',
  ]
  // By name: the suite finds its folders itself, and a pattern without matches would pass in silence.
  const named = id === undefined ? [] : ['-t', `provider suite: ${id} `]
  const run = spawn('npx', ['--no-install', ...suite, ...named], {
    cwd: project,
    stdio: 'inherit',
  })
  const [code] = (await once(run, 'exit')) as [number | null]
  return code ?? 1
}
