/** Suite A, rules A1 to A3: what a provider says of itself, and that its code and documents say the same. */
import { isDeepStrictEqual } from 'node:util'
import { Redacted, settingName, type AnyStream, type Auth } from '../../src/provider/index.js'
import { must } from '../support/broken-rule.js'
import type { ProviderCase } from '../support/provider-case.js'
import { replayOf, requestKey } from '../support/provider-replay.js'
import { pinnedUri, readRuns, streamFile, type Run } from '../support/provider-run.js'
import { REFRESH_TOKEN, testSettings, TOKEN } from '../support/provider-settings.js'

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
  for (const host of provider.hosts) {
    const setting = /^setting:(.+)$/.exec(host)?.[1]
    const known =
      setting === undefined
        ? /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(host)
        : provider.settings[setting]?.kind === 'origin'
    must(known, `'${host}' is neither a host name nor an origin setting`, index)
  }
  const names = provider.streams.map((stream) => stream.name)
  must(new Set(names).size === names.length, 'two streams have one name', index)
  for (const name of names)
    must(/^[a-z][a-z0-9-]*$/.test(name), `the stream name '${name}' is not lower case`, index)
  checkIcon(one)
  checkReadme(one, readme)
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
  for (const scope of provider.auth.flatMap((auth) => Object.keys(auth.scopes)))
    must(section(readme, 'Scopes').includes(`\`${scope}\``), `it does not explain the scope ${scope}`, file)
}

/** The text under a heading. */
function section(readme: string, heading: string): string {
  return readme.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? ''
}

/** A2: every declared fact, looked for in the other direction too. */
export async function a2Facts(one: ProviderCase): Promise<void> {
  for (const auth of one.provider.auth) checkAuthFacts(one, auth)
  await checkRevoke(one)
  for (const stream of one.provider.streams) await checkStreamFacts(one, stream)
}

function checkAuthFacts({ calls, path, readme }: ProviderCase, auth: Auth): void {
  const file = `${path}/fixtures/token.json`
  const token = calls['token']?.body
  must(
    typeof token === 'object' && token !== null && 'access_token' in token,
    'it is missing or holds no token',
    file,
  )
  must(
    'refresh_token' in token === auth.refresh,
    `refresh is ${auth.refresh}, and the recorded answer ${auth.refresh ? 'holds no' : 'holds a'} refresh token`,
    file,
  )
  must(
    'exchange' in calls === (auth.exchange !== undefined),
    'exchange.json is there without an exchange, or the other way round',
    `${path}/index.ts`,
  )
  must(
    section(readme, 'Known gaps').includes('PKCE') === (auth.pkce === false),
    'pkce: false and a sentence on PKCE under Known gaps go together',
    `${path}/README.md`,
  )
}

async function checkRevoke(one: ProviderCase): Promise<void> {
  const { provider, calls, path, readme } = one
  const recorded = calls['revoke']
  if (typeof provider.revoke !== 'function') {
    must(
      recorded === undefined,
      'revoke.json is there, and revoke is said to be unsupported',
      `${path}/index.ts`,
    )
    must(
      section(readme, 'Known gaps').includes(provider.revoke.unsupported),
      'Known gaps do not give the reason why access cannot be revoked',
      `${path}/README.md`,
    )
    return
  }
  must(
    recorded !== undefined,
    'revoke is a function and no call of it is recorded',
    `${path}/fixtures/revoke.json`,
  )
  const http = replayOf(one)
  const tokens = { accessToken: new Redacted(TOKEN), refreshToken: new Redacted(REFRESH_TOKEN) }
  await provider.revoke(http, { settings: testSettings(provider).settings, tokens })
  const made = http.calls.map((call) => requestKey(call.request))
  must(
    made.includes(requestKey(recorded.request)),
    'revoke does not make the recorded call',
    `${path}/index.ts`,
  )
}

async function checkStreamFacts(one: ProviderCase, stream: AnyStream): Promise<void> {
  const file = streamFile(one, stream)
  const asked = replayOf(one)
  const first = await readRuns(one, stream, asked)
  const count = asked.calls.length
  const later = await readRuns(one, stream, asked, first)
  const requests = asked.calls.map((call) => requestKey(call.request))
  const same = isDeepStrictEqual(requests.slice(0, count), requests.slice(count))
  must(
    same === !stream.incremental,
    stream.incremental
      ? 'incremental: true, and a later run makes the same calls as the first'
      : 'incremental: false, and a later run makes other calls than the first',
    file,
  )
  must(
    !(stream.deletes === 'scan' && stream.incremental),
    'a scan reads everything, so it is not incremental',
    file,
  )
  checkDeletes(stream, [...first, ...later], file)
  const paged = first.some((run) => run.pages.length > 1)
  must(
    paged === (stream.paged ?? true),
    paged
      ? 'paged: false, and the fixtures have further pages'
      : 'its fixtures have one page: record two or say paged: false',
    file,
  )
}

function checkDeletes(stream: AnyStream, runs: readonly Run[], file: string): void {
  const fed = runs.some((run) => run.pages.some((page) => (page.deletedIds?.length ?? 0) > 0))
  must(
    fed === (stream.deletes === 'feed'),
    fed
      ? `deletes: '${stream.deletes}', and pages report deleted ids`
      : "deletes: 'feed', and no fixture page reports a deleted id",
    file,
  )
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
