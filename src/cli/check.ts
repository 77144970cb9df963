/** `npm run check`: types, lint, format, import rules, generated files and build, each as one line; exits 1 when one fails and shows why. */
import { spawnSync } from 'node:child_process'

const steps: readonly (readonly [string, readonly string[]])[] = [
  ['types', ['tsc', '--noEmit']],
  ['lint', ['eslint', '.', '--max-warnings', '0']],
  ['format', ['prettier', '--check', '.']],
  ['import rules', ['depcruise', 'src', 'providers', 'schemas', '--config', '.dependency-cruiser.cjs']],
  ['generated files', ['tsx', 'src/cli/generate.ts', '--check']],
  ['API document', ['tsx', 'src/cli/openapi.ts', '--check']],
  ['build', ['tsx', 'src/cli/build.ts']],
]

const started = Date.now()
for (const [name, [command = '', ...args]] of steps) {
  const result = spawnSync('npx', ['--no-install', command, ...args], { encoding: 'utf8' })
  if (result.status !== 0) {
    console.error(`check: ${name} failed\n${result.stdout}${result.stderr}`)
    process.exit(1)
  }
}
console.log(
  `check: ${steps.map(([name]) => name).join(', ')} green in ${((Date.now() - started) / 1000).toFixed(1)} s`,
)
