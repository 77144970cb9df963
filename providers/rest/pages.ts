/** The list of an interface, page by page, in the way its fields tell. */
import { NodeError, type FieldValues, type HttpAnswer, type ProviderHttp } from '../../src/provider/index.js'
import { valueAt } from './pointer.js'

export interface Listed {
  readonly items: readonly unknown[]
  /** A path with its parameters, a cursor or a number; missing at the end. */
  readonly next?: string
}

type Texts = FieldValues['texts']

/** @throws NodeError PROVIDER_CHANGED where the answer is not as the fields tell, and those of the client */
export async function readPage(
  http: ProviderHttp,
  { texts }: Pick<FieldValues, 'texts'>,
  at?: string,
): Promise<Listed> {
  const answer = await http.get(addressOf(texts, at))
  const pointer = texts['items'] ?? ''
  const items = valueAt(answer.json, pointer)
  if (!Array.isArray(items)) throw changed(`there is no list at '${pointer}'`)
  const next = nextOf(texts, answer, { at, isEmpty: items.length === 0 })
  if (next !== undefined && next === at) throw changed('the next page is the same page')
  return next === undefined ? { items } : { items, next }
}

const changed = (detail: string): NodeError => new NodeError('PROVIDER_CHANGED', { detail })

const ofLinks: readonly (string | undefined)[] = ['link', 'header']

function addressOf(texts: Texts, at: string | undefined): URL {
  const { url: origin = '', path = '', paging } = texts
  if (at !== undefined && ofLinks.includes(paging)) return inOrigin(at, origin, origin)
  const url = inOrigin(path, origin, origin)
  if (paging === 'page') url.searchParams.set(texts['parameter'] ?? 'page', at ?? '1')
  if (paging === 'cursor' && at !== undefined) url.searchParams.set(texts['parameter'] ?? 'page', at)
  return url
}

function nextOf(
  texts: Texts,
  answer: HttpAnswer,
  { at = '1', isEmpty }: { readonly at: string | undefined; readonly isEmpty: boolean },
): string | undefined {
  const told = valueAt(answer.json, texts['next'] ?? '')
  switch (texts['paging']) {
    case 'link':
      return typeof told === 'string' && told !== '' ? placeOf(told, texts) : undefined
    case 'header': {
      const link = linkOf(answer.headers['link'])
      return link === undefined ? undefined : placeOf(link, texts)
    }
    case 'cursor':
      return typeof told === 'number' || (typeof told === 'string' && told !== '') ? String(told) : undefined
    case 'page':
      return isEmpty ? undefined : String(Number(at) + 1)
    default:
      return undefined
  }
}

/** Links may be relative; one to another server is not followed. */
function placeOf(link: string, { url: origin = '', path = '' }: Texts): string {
  const { pathname, search } = inOrigin(link, inOrigin(path, origin, origin).href, origin)
  return `${pathname}${search}`
}

function inOrigin(link: string, base: string, origin: string): URL {
  const url = URL.canParse(link, base) ? new URL(link, base) : undefined
  if (url?.origin === origin) return url
  throw changed('a page at another server')
}

/** https://www.rfc-editor.org/rfc/rfc8288#section-3 */
function linkOf(header = ''): string | undefined {
  const links = header.slice(0, 10_000).matchAll(/<([^<>]{0,4000})>([^<]{0,500})/g)
  for (const [, link, parameters = ''] of links)
    if (/;\s{0,5}rel="?(?:[a-z]+ )?next\b/i.test(parameters)) return link
  return undefined
}
