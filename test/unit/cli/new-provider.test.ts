/** A provider made from the template: named throughout, listed, green in the suite as it is, and never over another. */
import { cp, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { newProvider, type NewProviderOptions } from '../../../src/cli/new-provider.js'
import {
  brokenProviderRules,
  isWhole,
  providerRules,
  type ProviderRuleId,
} from '../../contract/provider-rules.js'
import { loadProviderCase } from '../../support/load-provider-case.js'

const project = fileURLToPath(new URL('../../../', import.meta.url))
const folders: string[] = []
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })))
})

/** A copy of `providers/` with nothing but the template and the list, beside the real contract. */
async function copyOfProviders(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'new-provider-'))
  folders.push(folder)
  await symlink(join(project, 'src'), join(folder, 'src'))
  const root = join(folder, 'providers')
  for (const name of ['_template', 'index.ts'])
    await cp(join(project, 'providers', name), join(root, name), { recursive: true })
  return root
}

async function make(root: string, id: string, options: NewProviderOptions = {}): Promise<readonly string[]> {
  const lines: string[] = []
  expect(await newProvider(id, { root, print: (line) => lines.push(line), ...options })).toBe(0)
  return lines
}

it('makes a folder that passes the suite as it is', async () => {
  const root = await copyOfProviders()
  await make(root, 'sport-log')
  const one = { ...(await loadProviderCase(root, 'sport-log', [])), listed: true }
  expect(await brokenProviderRules(one)).toEqual([])
  expect(one.provider.label).toBe('Sport Log')
})

it.each(['api_key', 'client_credentials', 'service_account'] as const)(
  'makes one that is connected by %s, with a stream of another name, green too',
  async (auth) => {
    const root = await copyOfProviders()
    await make(root, 'sport-log', { auth, stream: 'matches' })
    const one = { ...(await loadProviderCase(root, 'sport-log', [])), listed: true }
    const parts = (Object.keys(providerRules) as ProviderRuleId[]).filter((id) => !isWhole(id))
    expect(await brokenProviderRules(one, parts)).toEqual([])
    expect(one.provider.auth.map(({ kind }) => kind)).toEqual([auth])
    expect(one.provider.streams.map(({ name }) => name)).toEqual(['matches'])
  },
)

it.each(['basic', 'custom'] as const)('makes one that is connected by %s', async (auth) => {
  const root = await copyOfProviders()
  await make(root, 'sport-log', { auth })
  const one = { ...(await loadProviderCase(root, 'sport-log', [])), listed: true }
  expect(await brokenProviderRules(one, ['A1-folder', 'A2-facts', 'A3-schemas', 'A4-authorize'])).toEqual([])
  expect(one.provider.auth.map(({ kind }) => kind)).toEqual([auth])
})

it.each(['Posts', 'my-posts', '../x', ''])('takes no stream named %j', async (stream) => {
  const root = await copyOfProviders()
  await expect(newProvider('sport-log', { root, stream })).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
  expect(await readdir(root)).not.toContain('sport-log')
})

it('leaves no word of the template behind', async () => {
  const root = await copyOfProviders()
  await make(root, 'sport-log')
  const files = await readdir(join(root, 'sport-log'), { recursive: true, withFileTypes: true })
  const texts = files
    .filter((file) => file.isFile())
    .map((file) => readFile(join(file.parentPath, file.name), 'utf8'))
  expect((await Promise.all(texts)).join('\n')).not.toMatch(/template/i)
})

it('adds the line to the list, and prints seven steps', async () => {
  const root = await copyOfProviders()
  const lines = await make(root, 'sport-log')
  const list = await readFile(join(root, 'index.ts'), 'utf8')
  expect(list).toContain("import { provider as sportLog } from './sport-log/index.js'\n")
  expect(list).toMatch(/= \[\n( {2}\w+,\n)* {2}sandbox,\n {2}sportLog,\n\]/)
  expect(lines.filter((line) => /^[1-7]\. /.test(line))).toHaveLength(7)
})

it.each(['', 'Strava', '_own', 'a b', '../up', 'trailing-', 'x'.repeat(41)])(
  'refuses the id %j',
  async (id) => {
    const root = await copyOfProviders()
    await expect(newProvider(id, { root })).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
    expect((await readdir(root)).sort()).toEqual(['_template', 'index.ts'])
  },
)

it('refuses an id that is taken, and leaves its folder as it was', async () => {
  const root = await copyOfProviders()
  await make(root, 'strava')
  const before = await readFile(join(root, 'index.ts'), 'utf8')
  await expect(newProvider('strava', { root })).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
  expect(await readFile(join(root, 'index.ts'), 'utf8')).toBe(before)
})
