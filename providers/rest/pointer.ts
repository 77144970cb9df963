/** JSON pointers. https://www.rfc-editor.org/rfc/rfc6901 */

/** The value that a pointer names; undefined when there is none. Members of every object are no members. */
export function valueAt(document: unknown, pointer: string): unknown {
  if (pointer === '') return document
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>(memberOf, document)
}

function memberOf(value: unknown, token: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value)) return /^(?:0|[1-9]\d{0,9})$/.test(token) ? value[Number(token)] : undefined
  return Object.hasOwn(value, token) ? (value as Readonly<Record<string, unknown>>)[token] : undefined
}
