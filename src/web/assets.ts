/** The files that pages load from this node: one style sheet, one small script, one drawing. Read once, at start. */
import { readFileSync } from 'node:fs'
import { sha256 } from '../lib/keyed-hash.js'
import { themeCss } from './theme.js'

export interface Asset {
  /** Where it is served, without its version. */
  readonly path: string
  /** What pages link: a new text has a new address, so that it may be kept for long. */
  readonly href: string
  readonly type: string
  readonly body: string
}

function read(name: string, type: string, before = ''): Asset {
  const body = before + readFileSync(new URL(`./assets/${name}`, import.meta.url), 'utf8')
  const path = `/assets/${name}`
  return { path, href: `${path}?v=${sha256(body).toString('hex').slice(0, 12)}`, type, body }
}

export const styleSheet = read('node.css', 'text/css; charset=utf-8', themeCss())
export const docsStyle = read('docs.css', 'text/css; charset=utf-8')
export const docsScript = read('docs.js', 'text/javascript; charset=utf-8')
export const liveScript = read('live.js', 'text/javascript; charset=utf-8')
export const mark = read('mark.svg', 'image/svg+xml; charset=utf-8')

export const assets: readonly Asset[] = [styleSheet, docsStyle, docsScript, liveScript, mark]
