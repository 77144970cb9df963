/** The error table as a promise: every code is thrown somewhere, shown to people in one sentence, documented, and met by a test. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { errorTable, NodeError, toNodeError, type ErrorCode } from '../../src/errors.js'

const textOf = (folder: string, except: readonly string[] = []): string =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !except.some((ending) => path.endsWith(ending)))
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n')

const sources = textOf('src', ['src/errors.ts']) + textOf('providers')
const tests = textOf('test', ['test/unit/errors.test.ts'])
const documents = readFileSync('docs/API.md', 'utf8')

describe.each(Object.keys(errorTable) as ErrorCode[])('%s', (code) => {
  it('is thrown somewhere', () => {
    expect(sources).toContain(`'${code}'`)
  })
  it('is met by a test', () => {
    expect(tests).toMatch(new RegExp(`\\b${code}\\b`))
  })
  it('is documented', () => {
    expect(documents).toContain(`\`${code}\``)
  })
  it('has one plain sentence for people and a status of its fate', () => {
    const row = errorTable[code]
    expect(row.public).toMatch(/^[A-Z].*\.$/)
    expect(row.status).toBeGreaterThanOrEqual(400)
    if (row.fate === 'reconnect') expect(row.status).toBe(409)
  })
})

describe('a thrown value', () => {
  it('keeps its code, and becomes INTERNAL with its cause when it has none', () => {
    const known = new NodeError('TOO_LARGE')
    expect(toNodeError(known)).toBe(known)
    const cause = new TypeError('x is not a function')
    expect(toNodeError(cause)).toMatchObject({ code: 'INTERNAL', cause })
  })
  it('tells people its sentence and never its detail', () => {
    const error = new NodeError('STORAGE_UNREACHABLE', { detail: 'http://10.0.0.7/ refused' })
    expect(error.publicMessage).toBe(errorTable.STORAGE_UNREACHABLE.public)
    expect(error.message).toContain('10.0.0.7')
  })
})
