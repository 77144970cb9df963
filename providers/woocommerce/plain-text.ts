/** The words of WordPress's HTML, for descriptions. */
import { filled } from '../../src/provider/index.js'

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  nbsp: ' ',
  '#39': "'",
  '#039': "'",
  '#8217': '’',
  '#8211': '–',
}
const MAX_LENGTH = 100_000

/** Paragraphs and breaks become lines; of a very long text the beginning. Undefined when no words are left. */
export function plainText(html: string | null | undefined): string | undefined {
  const text = (html ?? '')
    .slice(0, MAX_LENGTH)
    .replace(/<(?:\/p|\/li|\/h[1-6]|br)\b[^<>]{0,200}>/gi, '\n')
    .replace(/<[^<>]{0,2000}>/g, '')
    .replace(/&(#?[a-z0-9]{2,6});/g, (whole, name: string) => ENTITIES[name] ?? whole)
    .replace(/[^\S\n]{1,200}/g, ' ')
    .replace(/ ?\n[ \n]{0,200}/g, '\n')
  return filled(text)
}
