/** Arrays as the server writes them: `{1,NULL,"a \"b\""}`, nested, perhaps with bounds before. https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO */
import type { Json } from '../../src/provider/index.js'

const TOKEN = /[{}]|"(?:[^"\\]|\\[^])*"|[^{},"]+/g

/** @throws SyntaxError: not balanced */
export function readArray(text: string, read: (element: string) => Json): Json {
  const open: Json[][] = [[]]
  for (const [token] of text.slice(text.indexOf('{')).matchAll(TOKEN)) {
    if (token === '{') open.push([])
    else if (token === '}') {
      const whole = open.pop() ?? []
      open.at(-1)?.push(whole)
    } else open.at(-1)?.push(token === 'NULL' ? null : read(bare(token)))
  }
  const [outer] = open
  const whole = outer?.[0]
  if (open.length === 1 && outer?.length === 1 && Array.isArray(whole)) return whole as Json
  throw new SyntaxError('an array that does not end')
}

const bare = (token: string): string =>
  token.startsWith('"') ? token.slice(1, -1).replace(/\\([^])/g, '$1') : token
