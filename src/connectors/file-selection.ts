/** Which files a connection wants: globs of names, endings of names, and MIME types with wildcards. Pure. */
import type { JsonObject } from '../lib/canonical-json.js'
import type { FileSelection } from '../store/index.js'
import type { Selection } from '../sync/index.js'
import type { Fault } from './invalid.js'

const MAX_PATTERN = 200

/** Why these are no `file_types`. */
export function fileTypeFaults(patterns: readonly string[]): readonly Fault[] {
  return patterns.flatMap((pattern, index) =>
    pattern.trim() !== '' && pattern.length <= MAX_PATTERN && !/[\u0000-\u001f\u007f]/.test(pattern)
      ? []
      : [{ path: `file_types.${index}`, message: `must be 1 to ${MAX_PATTERN} characters on one line` }],
  )
}

/** Folders always pass: the paths of what is in them are made of their names. */
export function fileSelection({ fileTypes, maxFilesPerSync, selection }: FileSelection): Selection {
  const matchers = fileTypes.map(matcherOf)
  return {
    revision: selection,
    mostItems: maxFilesPerSync,
    wants(record) {
      const [name, mimeType] = [textOf(record, 'name'), textOf(record, 'mimeType')]
      return FOLDER.test(mimeType) || matchers.some((matches) => matches(name, mimeType))
    },
  }
}

/** As the view `files` has it. */
const FOLDER = /(^|[./+-])(folder|directory)$/

const textOf = (record: JsonObject, name: string): string => {
  const value = record[name]
  return typeof value === 'string' ? value.toLowerCase() : ''
}

type Matcher = (name: string, mimeType: string) => boolean

/** `pdf` is short for `*.pdf`. */
function matcherOf(text: string): Matcher {
  const pattern = text.trim().toLowerCase()
  if (pattern.includes('/')) return (_name, mimeType) => matchesGlob(pattern, mimeType)
  const glob = /^[a-z0-9]+$/.test(pattern) ? `*.${pattern}` : pattern
  return (name) => matchesGlob(glob, name)
}

/** `*`: any characters, `?`: one. By going back to the last star only: no pattern makes it slow. */
export function matchesGlob(glob: string, text: string): boolean {
  let [at, inText, star, resume] = [0, 0, -1, 0]
  while (inText < text.length) {
    if (glob[at] === '*') {
      star = at++
      resume = inText
    } else if (glob[at] === '?' || glob[at] === text[inText]) {
      at++
      inText++
    } else if (star >= 0) {
      at = star + 1
      inText = ++resume
    } else return false
  }
  while (glob[at] === '*') at++
  return at === glob.length
}
