/** Looks for texts in every byte of a folder, in the forms in which a text can lie on a disk. For the demo and the tests. */
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'

export interface LeakSearch {
  readonly folder: string
  /** Paths inside the folder that are not looked at. */
  readonly skip?: readonly string[]
  /** Texts that must not be there. */
  readonly texts: readonly string[]
  /** Forms that must not be there, such as tokens by their beginning. */
  readonly patterns?: readonly RegExp[]
}

export interface Leak {
  /** Path inside the folder. */
  readonly file: string
  readonly what: string
}

/** A text may lie across two reads: so many bytes of one are looked at again with the next. */
const OVERLAP_BYTES = 4096

/** Every file that holds one of the texts or forms. */
export async function searchLeaks(search: LeakSearch): Promise<readonly Leak[]> {
  const needles = search.texts.flatMap((text) => formsOf(text).map((bytes) => ({ text, bytes })))
  const leaks: Leak[] = []
  const entries = await readdir(search.folder, { recursive: true, withFileTypes: true })
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const file = relative(search.folder, path)
    if (search.skip?.some((skipped) => file === skipped || file.startsWith(`${skipped}/`))) continue
    const found = await searchFile(path, needles, search.patterns ?? [])
    leaks.push(...found.map((what) => ({ file, what })))
  }
  return leaks
}

/** Texts and forms inside one text, such as a log or an address. */
export function searchText(text: string, { texts, patterns = [] }: Omit<LeakSearch, 'folder'>): string[] {
  const bytes = Buffer.from(text, 'utf8')
  const found = texts.filter((needle) => formsOf(needle).some((form) => bytes.includes(form)))
  return [...found, ...patterns.filter((pattern) => pattern.test(text)).map(String)]
}

interface Needle {
  readonly text: string
  readonly bytes: Buffer
}

async function searchFile(
  path: string,
  needles: readonly Needle[],
  patterns: readonly RegExp[],
): Promise<readonly string[]> {
  const found = new Set<string>()
  let tail: Buffer = Buffer.alloc(0)
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    const bytes = Buffer.concat([tail, chunk])
    for (const needle of needles) if (bytes.includes(needle.bytes)) found.add(needle.text)
    const text = patterns.length > 0 ? bytes.toString('latin1') : ''
    for (const pattern of patterns) if (pattern.test(text)) found.add(String(pattern))
    tail = bytes.subarray(-OVERLAP_BYTES)
  }
  return [...found]
}

/** UTF-8, UTF-16, hexadecimal, and base64 at each of its three alignments. */
function formsOf(text: string): readonly Buffer[] {
  const utf8 = Buffer.from(text, 'utf8')
  const base64 = [0, 1, 2].map((shift) => {
    const shifted = Buffer.concat([Buffer.alloc(shift), utf8]).toString('base64')
    // The first and last characters depend on the neighbours.
    return Buffer.from(shifted.slice(4, -4), 'latin1')
  })
  return [utf8, Buffer.from(text, 'utf16le'), Buffer.from(utf8.toString('hex'), 'latin1'), ...base64]
}
