/**
 * Reads JSON without losing what a double cannot hold: integers beyond 2^53 become strings of their digits, and so do
 * numbers beyond 1e308. Node 20 gives revivers no source text, so the numbers are found in the text first.
 */

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y
/** Only a value is followed by one of these; what is no JSON must not become some by being quoted. */
const AFTER_VALUE = /[\t\n\r ]*(?:[,\]}]|$)/y
const QUOTE = 0x22
const BACKSLASH = 0x5c

/** @throws SyntaxError: not JSON, or deeper than `maxDepth`; its message quotes the text and must not be shown */
export function parseExactJson(text: string, maxDepth: number): unknown {
  return JSON.parse(quoteInexact(text, maxDepth)) as unknown
}

function quoteInexact(text: string, maxDepth: number): string {
  const parts: string[] = []
  let copied = 0
  let depth = 0
  let at = 0
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = endOfString(text, at)
    else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) {
      const end = endOfNumber(text, at)
      if (end > at && isInexact(text.slice(at, end)) && matchesAt(AFTER_VALUE, text, end)) {
        parts.push(text.slice(copied, at), '"', text.slice(at, end), '"')
        copied = end
      }
      at = Math.max(end, at + 1)
    } else {
      if (code === 0x5b || code === 0x7b) depth += 1
      else if (code === 0x5d || code === 0x7d) depth -= 1
      if (depth > maxDepth) throw new SyntaxError('nested too deeply')
      at += 1
    }
  }
  return copied === 0 ? text : parts.join('') + text.slice(copied)
}

/** Behind the closing quote; the text's end when there is none. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1
    if (backslashes % 2 === 0) return end + 1
  }
  return text.length
}

function endOfNumber(text: string, start: number): number {
  return matchesAt(NUMBER, text, start) ? NUMBER.lastIndex : start
}

function matchesAt(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at
  return pattern.test(text)
}

function isInexact(number: string): boolean {
  const value = Number(number)
  return /^-?\d+$/.test(number) ? !Number.isSafeInteger(value) : !Number.isFinite(value)
}
