/** Field tables of our own schemas, made from the schema files, for docs/SCHEMAS.md. */
import { pinnedSchemas, schemaPath, SCHEMA_BASE_URL, type JsonSchema } from '../../schemas/index.js'

interface Field {
  readonly $ref?: string
  readonly type?: string
  readonly format?: string
  readonly enum?: readonly string[]
  readonly pattern?: string
  readonly items?: Field
  readonly properties?: Readonly<Record<string, Field>>
  readonly required?: readonly string[]
  readonly description?: string
}

/** A section for each of our schemas, in the order of their addresses; values first, since records are made of them. */
export function schemaTables(): string {
  const own = [...pinnedSchemas().values()].filter(({ $id }) => $id.startsWith(SCHEMA_BASE_URL))
  const values = own.filter(({ $id }) => shortName($id).startsWith('value/'))
  const records = own.filter((schema) => !values.includes(schema))
  return [...values, ...records].map(section).join('\n\n')
}

function section(schema: JsonSchema): string {
  const head = [
    `## ${shortName(schema.$id)}`,
    schema.description,
    `\`${schema.$id}\`, served at \`${schemaPath(schema.$id)}\`${databaseText(schema)}`,
  ]
  const own = ((schema['allOf'] as readonly Field[] | undefined) ?? [schema]).at(-1) as Field
  const table = own.properties === undefined ? valueText(own) : rows(own)
  return [...head, table].join('\n\n')
}

function databaseText({ database }: JsonSchema): string {
  if (database?.name === undefined) return ''
  const indexes = Object.values(database.indexes ?? {}).map((fields) => fields.join('+'))
  return `; database \`${database.name}\`, indexes ${indexes.map((fields) => `\`${fields}\``).join(', ')}`
}

function valueText({ pattern, format }: Field): string {
  return `Text${format === undefined ? '' : ` (${format})`} that matches \`${pattern ?? ''}\``
}

function rows(own: Field): string {
  const lines = fieldsOf(own, '').map(
    ([path, field, required]) =>
      `| \`${path}\`${required ? ' *' : ''} | ${kind(field)} | ${(field.description ?? '').replaceAll('|', '\\|')} |`,
  )
  return ['| field | form | what it is |', '| --- | --- | --- |', ...lines].join('\n')
}

/** Every field by its path: `lines[].total` for the members of a list. */
function fieldsOf(of: Field, prefix: string): (readonly [string, Field, boolean])[] {
  return Object.entries(of.properties ?? {}).flatMap(([name, field]) => {
    const path = `${prefix}${name}`
    const inner =
      field.type === 'array' ? fieldsOf(field.items ?? {}, `${path}[].`) : fieldsOf(field, `${path}.`)
    return [[path, field, of.required?.includes(name) ?? false] as const, ...inner]
  })
}

function kind({ $ref, type, format, enum: choices, items }: Field): string {
  if ($ref !== undefined) return shortName($ref).replace('value/', '')
  if (choices !== undefined) return choices.map((choice) => `\`${choice}\``).join(', ')
  if (type === 'array') return `list of ${kind(items ?? {})}`
  return format ?? (type === 'string' ? 'text' : (type ?? ''))
}

function shortName(uri: string): string {
  return uri.slice(SCHEMA_BASE_URL.length).replace(/\/v[\d.]+\/schema\.json$/, '')
}
