/** What a reader of HTML would see, roughly, for mail without a plain text. Pure; takes anything, and reads it once. */
import { decodeEntities } from './mail-text.js'

/** Elements whose content nobody sees. */
const UNSEEN: readonly string[] = ['style', 'script', 'head', 'title']
/** Elements that end a line. */
const ENDS: ReadonlySet<string> = new Set([
  'br',
  '/p',
  '/div',
  '/tr',
  '/li',
  '/h1',
  '/h2',
  '/h3',
  '/h4',
  '/h5',
  '/h6',
])

export function textOfHtml(html: string): string {
  return decodeEntities(withoutTags(html))
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' ').trim())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

/** By searches that only go forward: patterns over a whole mail can be made to take hours. */
function withoutTags(html: string): string {
  const lower = html.toLowerCase()
  let text = ''
  for (let at = 0; ;) {
    const open = html.indexOf('<', at)
    const close = open === -1 ? -1 : html.indexOf('>', open)
    if (close === -1) return text + html.slice(at)
    text += html.slice(at, open)
    const name = /^\/?[a-z][a-z0-9]{0,10}/.exec(lower.slice(open + 1, open + 13))?.[0] ?? ''
    if (ENDS.has(name)) text += '\n'
    at = close + 1
    if (UNSEEN.includes(name)) {
      const end = lower.indexOf(`</${name}`, at)
      if (end === -1) return text
      at = end
    }
  }
}
