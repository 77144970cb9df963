/** The part of docs/PROVIDERS.md that is made from declarations, and `connector-node provider docs ID`. */
import { providers } from '../../providers/index.js'
import { NodeError } from '../errors.js'
import type { Auth, Field, Provider, RateBudget } from '../provider/index.js'

/** @returns the exit code. @throws NodeError PROVIDER_UNKNOWN */
export function printProviderDocs(id?: string, print = console.log): number {
  const chosen = id === undefined ? providers : providers.filter((provider) => provider.id === id)
  if (chosen.length === 0) throw new NodeError('PROVIDER_UNKNOWN', { detail: `there is no provider ${id}` })
  print(chosen.map(docsOf).join('\n\n'))
  return 0
}

export const providerDocs = (): string => providers.map(docsOf).join('\n\n')

function docsOf(provider: Provider): string {
  const { id, label, description, category, docs, revoke, browse, webhooks, limits = [], presets } = provider
  const { regions = [] } = provider
  const more = docs === undefined ? '' : ` [Documentation](${docs}).`
  return [
    `## ${label}`,
    `\`${id}\`, ${category}. ${description}${more} More: [README](../providers/${id}/README.md).${regions.length === 0 || regions.includes('global') ? '' : ` In ${regions.join(', ')}.`}`,
    ...provider.auth.map(authDocs),
    ...streamDocs(provider),
    ...contentDocs(provider),
    ...(presets === undefined
      ? []
      : [`**Presets** ${presets.map((one) => `\`${one.id}\`: ${one.description}`).join(' ')}`]),
    `**Limits.** ${limits.length === 0 ? 'None is declared; what the service asks for is kept.' : limits.map(limitDocs).join('; ')}.`.replace(
      '..',
      '.',
    ),
    `**Deleting a connection** ${typeof revoke === 'function' ? 'ends its access at the service.' : `does not end its access at the service: ${revoke.unsupported}`}`,
    ...(webhooks === undefined
      ? []
      : [
          `**Webhooks** for ${webhooks.streams.join(', ')}: ${webhooks.scheme}. ${webhooks.setup ?? 'Ordered by the node.'}`,
        ]),
    ...(browse === undefined
      ? []
      : [
          `**Live reads** of ${[...browse.containerKinds, ...browse.itemKinds].join(', ')}${browse.comments ? ' and comments' : ''}; filters: ${browse.filters.join(', ') || 'none'}.`,
        ]),
  ].join('\n\n')
}

function authDocs(auth: Auth): string {
  const asked = Object.values<Field>(auth.fields ?? {}).flatMap((field) =>
    field.kind === 'told' ? [] : [`| ${field.label} | ${field.kind} | ${field.help} |`],
  )
  const scopes =
    'scopes' in auth ? Object.entries(auth.scopes).map(([name, why]) => `| \`${name}\` | ${why} |`) : []
  return [
    `**Connected by** \`${auth.kind}\`.`,
    ...(asked.length === 0
      ? []
      : [['| asked for | kind | help |', '| --- | --- | --- |', ...asked].join('\n')]),
    ...(scopes.length === 0 ? [] : [['| scope | why |', '| --- | --- |', ...scopes].join('\n')]),
  ].join('\n\n')
}

function streamDocs({ streams }: Provider): readonly string[] {
  if (streams.length === 0) return ['No streams: it only signs in.']
  const rows = streams.map(
    ({ name, label, schema, incremental, deletes }) =>
      `| \`${name}\` | ${label} | \`${schema}\` | ${incremental ? 'only changes' : 'everything'} | ${deletes} |`,
  )
  return [
    ['| stream | | schema | a later run reads | deletes |', '| --- | --- | --- | --- | --- |', ...rows].join(
      '\n',
    ),
  ]
}

function contentDocs({ streams }: Provider): readonly string[] {
  const names = streams.filter(({ content }) => content !== undefined).map(({ name }) => `\`${name}\``)
  return names.length === 0 ? [] : [`**Contents of files** are to be had of ${names.join(', ')}.`]
}

function limitDocs({ requests, perMs, scope }: RateBudget): string {
  return `${requests} requests in ${perMs / 1_000} s for each ${scope === 'app' ? 'application' : 'connection'}`
}
