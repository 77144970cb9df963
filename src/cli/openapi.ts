/** `npm run openapi`: writes docs/openapi.json and the client's table of routes; with `--check` only says whether they are current. */
import { readFileSync, writeFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import { openApiDocument } from '../api/openapi/document.js'
import { operations } from '../api/openapi/operations.js'

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string }

const files: Readonly<Record<string, () => string | Promise<string>>> = {
  'docs/openapi.json': () => `${JSON.stringify(openApiDocument(operations, { version }), null, 2)}\n`,
  'src/client/routes.ts': routesModule,
}

async function routesModule(): Promise<string> {
  const file = 'src/client/routes.ts'
  const lines = Object.entries(operations).map(
    ([id, { method, path }]) => `  ${id}: '${method.toUpperCase()} ${path}',`,
  )
  const text = [
    '/** Made by `npm run openapi`: where each operation is. */',
    'export const ROUTES = {',
    ...lines,
    '} as const',
    '',
  ].join('\n')
  return format(text, { ...(await resolveConfig(file)), filepath: file })
}

for (const [file, make] of Object.entries(files)) {
  const text = await make()
  if (!process.argv.includes('--check')) writeFileSync(file, text)
  else if (readIfThere(file) !== text) {
    console.error(`${file} is not current; run npm run openapi`)
    process.exitCode = 1
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
