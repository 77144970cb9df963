/**
 * `npm run build`: compiles into dist and copies what the code reads beside itself; then asks the built command for its
 * version. `--unchecked` for whoever has checked the types already.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { extname } from 'node:path'

/** Files that are read at run time and that the compiler does not emit. */
const ASSETS = new Set(['', '.json', '.svg', '.css', '.js', '.eta', '.md'])

rmSync('dist', { recursive: true, force: true })
const trusted = process.argv.includes('--unchecked') ? ['--noCheck'] : []
run('npx', ['--no-install', 'tsc', '-p', 'tsconfig.build.json', ...trusted])
for (const folder of ['src', 'providers', 'schemas'])
  cpSync(folder, `dist/${folder}`, { recursive: true, filter: (file) => ASSETS.has(extname(file)) })
run(process.execPath, ['bin/connector-node.js', '--version'])

function run(command: string, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (status === 0) return
  console.error(`build: ${command} ${args.join(' ')} failed\n${stdout}${stderr}`)
  process.exit(1)
}
