/** `npm run check`: types, lint, format, import rules, generated files and build, two at a time and told in one line; exits 1 when one fails and shows why. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import PQueue from 'p-queue'

const steps: readonly (readonly [string, readonly string[]])[] = [
  // The longest first.
  ['lint', ['eslint', '.', '--max-warnings', '0']],
  ['types', ['tsc', '--noEmit']],
  ['format', ['prettier', '--check', '.']],
  ['import rules', ['depcruise', 'src', 'providers', 'schemas', '--config', '.dependency-cruiser.cjs']],
  ['generated files', ['tsx', 'src/cli/generate.ts', '--check']],
  ['API document', ['tsx', 'src/cli/openapi.ts', '--check']],
  ['build', ['tsx', 'src/cli/build.ts', '--unchecked']],
]
const MAX_OUTPUT = 64 * 1024 * 1024

const started = Date.now()
const run = promisify(execFile)
const queue = new PQueue({ concurrency: 2 })
const failures = await queue.addAll(
  steps.map(([name, command]) => async () => {
    try {
      await run('npx', ['--no-install', ...command], { maxBuffer: MAX_OUTPUT })
      return ''
    } catch (error) {
      const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string }
      return `check: ${name} failed\n${stdout ?? String(error)}${stderr ?? ''}`
    }
  }),
)
const told = failures.filter((failure) => failure !== '')
if (told.length > 0) {
  console.error(told.join('\n'))
  process.exit(1)
}
console.log(
  `check: ${steps.map(([name]) => name).join(', ')} green in ${((Date.now() - started) / 1000).toFixed(1)} s`,
)
