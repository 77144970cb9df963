/** `connector-node new-provider ID`: a folder made from the template, a line in the list, and what to do next. Overwrites nothing. */
import { access, cp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NodeError } from '../errors.js'
import { settingName, type AuthKind } from '../provider/index.js'
import { authTemplates, indexFor, readmeFor } from './auth-template.js'

const TEMPLATE = '_template'
const ID = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/
const MAX_ID = 40
const STREAM = /^[a-z][a-z0-9]*$/

export interface NewProviderOptions {
  /** The folder of all providers. Default: this repository's. */
  readonly root?: string
  readonly print?: (line: string) => void
  /** How accounts are connected. Default: `oauth2`. */
  readonly auth?: AuthKind
  /** The name of the first stream. Default: `posts`. */
  readonly stream?: string
}

/** @returns the exit code. @throws NodeError REQUEST_INVALID for a bad or taken id */
export async function newProvider(
  id: string,
  {
    root = fileURLToPath(new URL('../../providers', import.meta.url)),
    print = console.log,
    auth = 'oauth2',
    stream = 'posts',
  }: NewProviderOptions = {},
): Promise<number> {
  if (!ID.test(id) || id.length > MAX_ID)
    throw refused(
      `'${id}' is no id: lower-case words and digits, joined by hyphens, at most ${MAX_ID} characters`,
    )
  if (!STREAM.test(stream)) throw refused(`'${stream}' is no name of a stream: lower-case letters and digits`)
  const folder = join(root, id)
  if (await exists(folder)) throw refused(`providers/${id} is there already`)
  await cp(join(root, TEMPLATE), folder, { recursive: true, errorOnExist: true, force: false })
  if (auth !== 'oauth2') await connectBy(folder, auth)
  if (stream !== 'posts') await renameStream(folder, stream)
  for (const file of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (file.isFile()) await rewrite(join(file.parentPath, file.name), (text) => named(text, id))
  const listed = await enlist(join(root, 'index.ts'), id)
  for (const line of stepsFor({ id, listed, stream })) print(line)
  return 0
}

/** Says in the copied template that accounts are connected in another way. */
async function connectBy(folder: string, auth: keyof typeof authTemplates): Promise<void> {
  const { hasScopes } = authTemplates[auth]
  const token = join(folder, 'fixtures', 'token.json')
  await rewrite(join(folder, 'index.ts'), (text) => indexFor(text, auth))
  await rewrite(join(folder, 'README.md'), (text) => readmeFor(text, auth))
  await rm(join(folder, 'fixtures', 'revoke.json'))
  if (hasScopes) return rewrite(token, (text) => text.replace(/^.*"refresh_token".*\n/m, ''))
  await rm(token)
  await rewrite(join(folder, 'posts.ts'), (text) => text.replace(/^ {2}scopes: .*\n/m, ''))
}

async function renameStream(folder: string, stream: string): Promise<void> {
  await rename(join(folder, 'posts.ts'), join(folder, `${stream}.ts`))
  await rename(join(folder, 'fixtures', 'posts'), join(folder, 'fixtures', stream))
  const title = stream.slice(0, 1).toUpperCase() + stream.slice(1)
  for (const file of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (file.isFile())
      await rewrite(join(file.parentPath, file.name), (text) =>
        text.replaceAll('posts', stream).replaceAll('Posts', title),
      )
}

/** The template's text under the new name. */
function named(text: string, id: string): string {
  return text
    .replaceAll(settingName(TEMPLATE, ''), settingName(id, ''))
    .replaceAll(TEMPLATE, id)
    .replaceAll('template.example', `${id}.example`)
    .replace(/^\/\*\*\n \* Template: .*\n/m, `/**\n * ${labelOf(id)}: what is copied, in one sentence.\n`)
    .replaceAll('Template', labelOf(id))
}

/** Adds the provider to the list. @returns false when the file has another form than it began with */
async function enlist(file: string, id: string): Promise<boolean> {
  const text = await readFile(file, 'utf8')
  const list = /^(export const providers: readonly Provider\[\] = \[)([^\]]*)\]/m
  const imports = [...text.matchAll(/^import .*\n/gm)]
  const last = imports.at(-1)
  if (last === undefined || !list.test(text)) return false
  const after = last.index + last[0].length
  const withImport = `${text.slice(0, after)}${importLine(id)}\n${text.slice(after)}`
  const withName = withImport.replace(list, (_, start: string, names: string) => {
    const before = names.split(',').map((name) => name.trim())
    const listed = [...before.filter((name) => name !== ''), nameOf(id)]
    return `${start}\n${listed.map((name) => `  ${name},\n`).join('')}]`
  })
  await writeFile(file, withName)
  return true
}

function importLine(id: string): string {
  return `import { provider as ${nameOf(id)} } from './${id}/index.js'`
}

/** Words that cannot name a variable of the list, or name one of it already. */
const TAKEN =
  /^(?:case|class|default|delete|do|export|for|import|in|new|package|provider|providers|public|return|switch|this|type|void|with|yield)$/

function nameOf(id: string): string {
  const name = id.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  return TAKEN.test(name) ? `${name}Provider` : name
}

interface Made {
  readonly id: string
  readonly listed: boolean
  readonly stream: string
}

function stepsFor({ id, listed, stream }: Made): readonly string[] {
  const list = listed
    ? 'It is on the list in providers/index.ts already; put it where people should see it.'
    : `Add to providers/index.ts: ${importLine(id)}`
  return [
    `providers/${id} is made. Now, in seven steps:`,
    `1. index.ts: hosts, addresses, scopes with their reasons, settings, label and homepage.`,
    `2. api.ts: what the service answers, only the fields you read, with links to its documentation.`,
    `3. ${stream}.ts: your first stream.`,
    `4. fixtures: those that are there show which are needed; for each stream page-1.json, page-2.json, later-1.json, hostile.json and expected.json.`,
    `5. README.md and icon.svg: the headings stay, the texts and the drawing are yours.`,
    `6. npm run provider -- check ${id}, until all is green; a failure names the rule and the file to open.`,
    `7. npm run generate, which writes docs/PROVIDERS.md and docs/OAUTH_SETUP.md. ${list}`,
  ]
}

async function rewrite(file: string, change: (text: string) => string): Promise<void> {
  await writeFile(file, change(await readFile(file, 'utf8')))
}

/** `google-drive` is Google Drive until somebody knows better. */
function labelOf(id: string): string {
  return id
    .split('-')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join(' ')
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

function refused(detail: string): NodeError {
  return new NodeError('REQUEST_INVALID', { detail })
}
