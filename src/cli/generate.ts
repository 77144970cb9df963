/** `npm run generate`: writes the parts of documents that are made from code; with `--check` only says whether they are current. */
import { readFileSync, writeFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import { errorTable } from '../errors.js'
import { oauthSetup } from './oauth-setup.js'
import { providerDocs } from './provider-docs.js'
import { schemaTables } from './schema-tables.js'
import { troubleshootingRows } from './troubleshooting.js'

interface Generated {
  readonly file: string
  /** The part stands between `<!-- name: generated -->` and `<!-- name: end -->`. */
  readonly name: string
  readonly text: () => string
}

const parts: readonly Generated[] = [
  { file: 'docs/API.md', name: 'errors', text: errorRows },
  { file: 'docs/OAUTH_SETUP.md', name: 'setup', text: oauthSetup },
  { file: 'docs/PROVIDERS.md', name: 'providers', text: providerDocs },
  { file: 'docs/SCHEMAS.md', name: 'schemas', text: schemaTables },
  { file: 'docs/TROUBLESHOOTING.md', name: 'steps', text: troubleshootingRows },
]

function errorRows(): string {
  const rows = Object.entries(errorTable).map(
    ([code, row]) => `| \`${code}\` | ${row.fate} | ${row.status} | ${row.public} |`,
  )
  return ['| code | the engine | HTTP | for people |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

const check = process.argv.includes('--check')
let stale = 0
for (const { file, name, text } of parts) {
  const before = readFileSync(file, 'utf8')
  const [begin, end] = [`<!-- ${name}: generated -->`, `<!-- ${name}: end -->`]
  const from = before.indexOf(begin)
  const to = before.indexOf(end)
  if (from < 0 || to < from) throw new Error(`${file}: the marks of ${name} are missing`)
  const whole = `${before.slice(0, from)}${begin}\n\n${text()}\n\n${before.slice(to)}`
  const after = await format(whole, { ...(await resolveConfig(file)), filepath: file })
  if (after === before) continue
  stale += 1
  if (check) console.error(`${file}: ${name} is not current; run npm run generate`)
  else writeFileSync(file, after)
}
if (check && stale > 0) process.exitCode = 1
