/** Suite A, rules A1 and A3: what a provider says of itself, and that its documents say the same. */
import { isDeepStrictEqual } from 'node:util'
import { presetsOf } from '../../src/connectors/presets.js'
import { shortestGapMs } from '../../src/jobs/frequency.js'
import { settingName } from '../../src/provider/index.js'
import { must } from '../support/broken-rule.js'
import type { ProviderCase } from '../support/provider-case.js'
import { pinnedUri, streamFile } from '../support/provider-run.js'
import { askedFields, checkFields, isHostName } from './provider-fields.js'

const HEADINGS = ['Register the application', 'Scopes', 'Rate limits', 'Known gaps', 'Fixtures', 'Links']
const MAX_INDEX_LINES = 60
const MAX_ICON_CHARACTERS = 4_000

/** A1: identity, files and documents of the folder. */
export async function a1Folder(one: ProviderCase): Promise<void> {
  const { provider, path, readme } = one
  const index = `${path}/index.ts`
  must(provider.id === one.name, `the id '${provider.id}' is not the folder's name`, index)
  must(/^_?[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(one.name), 'the name is not lower case with hyphens', path)
  must(
    one.listed === !one.example,
    one.example ? 'an example is listed' : 'it is not listed',
    'providers/index.ts',
  )
  must(provider.label !== '' && provider.description !== '', 'label or description is empty', index)
  must(
    /^https:\/\/(?!www\.)[^/]+$/.test(provider.homepage),
    'homepage is not an https origin without www',
    index,
  )
  must(Number.isInteger(provider.revision) && provider.revision >= 1, 'revision is not 1 or more', index)
  must(one.indexLines <= MAX_INDEX_LINES, `index.ts has more than ${MAX_INDEX_LINES} lines`, index)
  must(provider.hosts.length > 0, 'no hosts are declared', index)
  for (const host of provider.hosts)
    must(
      isHostName(provider, host),
      `'${host}' is neither a host name, nor an origin setting, nor a field that holds a host`,
      index,
    )
  const kinds = provider.auth.map((auth) => auth.kind)
  must(new Set(kinds).size === kinds.length, 'two ways to connect are of one kind', index)
  checkFields(one)
  const names = provider.streams.map((stream) => stream.name)
  must(new Set(names).size === names.length, 'two streams have one name', index)
  for (const name of names)
    must(/^[a-z][a-z0-9-]*$/.test(name), `the stream name '${name}' is not lower case`, index)
  checkPresets(one)
  checkIcon(one)
  checkReadme(one, readme)
}

function checkPresets({ path, provider }: ProviderCase): void {
  const presets = presetsOf(provider)
  const fields = provider.auth.flatMap((auth) => Object.entries(auth.fields ?? {}))
  const open = new Map(fields.filter(([, { kind }]) => kind !== 'secret'))
  const file = provider.presets === undefined ? `${path}/index.ts` : `${path}/presets.ts`
  must(new Set(presets.map(({ id }) => id)).size === presets.length, 'two presets have one id', file)
  for (const { id, streams = [], syncFrequency, fields: values = {} } of presets) {
    for (const stream of streams)
      must(
        provider.streams.some(({ name }) => name === stream),
        `the preset ${id} names the stream ${stream}, which is not here`,
        file,
      )
    for (const name of Object.keys(values))
      must(open.has(name), `the preset ${id} fills in ${name}, which is no open field`, file)
    if (syncFrequency !== undefined)
      must(
        shortestGapMs(syncFrequency) >= (provider.minSyncMinutes ?? 0) * 60_000,
        `the preset ${id} syncs more often than the provider may`,
        file,
      )
  }
}

function checkIcon({ icon, path, provider }: ProviderCase): void {
  const file = `${path}/${provider.icon}`
  must(icon.startsWith('<svg'), 'the icon is missing or is not an SVG', file)
  must(icon.length <= MAX_ICON_CHARACTERS, 'the icon is too large', file)
  const active = /<script|\son\w+=|href=|url\(|<foreignObject|@import/i
  must(!active.test(icon), 'the icon holds scripts or loads something', file)
}

function checkReadme({ path, provider }: ProviderCase, readme: string): void {
  const file = `${path}/README.md`
  must(readme.startsWith(`# ${provider.label}\n`), `it does not begin with '# ${provider.label}'`, file)
  const headings = [...readme.matchAll(/^## (.+)$/gm)].flatMap(([, text = '']) =>
    HEADINGS.includes(text) ? [text] : [],
  )
  must(
    isDeepStrictEqual(headings, HEADINGS),
    `it lacks one of these headings, or has them in another order: ${HEADINGS.join(', ')}`,
    file,
  )
  for (const key of Object.keys(provider.settings)) {
    const name = settingName(provider.id, key)
    must(readme.includes(`\`${name}\``), `it does not name the setting ${name}`, file)
  }
  for (const scope of provider.auth.flatMap((auth) => ('scopes' in auth ? Object.keys(auth.scopes) : [])))
    must(section(readme, 'Scopes').includes(`\`${scope}\``), `it does not explain the scope ${scope}`, file)
  for (const { label } of askedFields(provider))
    must(readme.includes(label), `it does not say where people find what is asked as '${label}'`, file)
  must(
    (section(readme, 'Webhooks') !== '') === (provider.webhooks !== undefined),
    'a heading Webhooks and webhooks go together',
    file,
  )
}

/** The text under a heading. */
export function section(readme: string, heading: string): string {
  return readme.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? ''
}

/** A3: every stream names a schema that this node has. */
export async function a3Schemas(one: ProviderCase): Promise<void> {
  for (const stream of one.provider.streams) {
    const uri = pinnedUri(stream)
    must(
      uri !== undefined,
      `${stream.name}: there is no pinned schema '${stream.schema}'`,
      streamFile(one, stream),
    )
  }
}
