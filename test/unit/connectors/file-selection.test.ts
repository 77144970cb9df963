import { describe, expect, it } from 'vitest'
import { fileSelection, fileTypeFaults, matchesGlob } from '../../../src/connectors/file-selection.js'

const wants = (fileTypes: readonly string[], name: string, mimeType = 'application/pdf') =>
  fileSelection({ fileTypes, maxFilesPerSync: 10, selection: 3 }).wants({ name, mimeType })

describe('file_types', () => {
  it.each([
    ['*', 'anything', 'x/y'],
    ['*.pdf', 'Plan.PDF', 'x/y'],
    ['pdf', 'plan.pdf', 'x/y'],
    ['report-20??.docx', 'report-2024.docx', 'x/y'],
    ['*.tar.*', 'a.tar.tar.gz', 'x/y'],
    ['image/*', 'no ending', 'image/heic'],
    ['application/vnd.google-apps.*', 'Minutes', 'application/vnd.google-apps.document'],
    ['*/pdf', 'x', 'application/pdf'],
    ['dwg', 'any folder', 'application/vnd.google-apps.folder'],
    ['dwg', 'any folder', 'inode/directory'],
  ])('%s takes %s (%s)', (pattern, name, mimeType) => {
    expect(wants([pattern], name, mimeType)).toBe(true)
  })

  it.each([
    ['*.pdf', 'plan.pdf.exe', 'application/pdf'],
    ['pdf', 'pdf', 'application/pdf'],
    ['report-20??.docx', 'report-204.docx', 'x/y'],
    ['image/*', 'image.png', 'application/octet-stream'],
    ['image/png', 'x', 'image/pngs'],
    ['a.c', 'abc', 'x/y'],
    ['*.pdf', '', ''],
  ])('%s leaves %s (%s)', (pattern, name, mimeType) => {
    expect(wants([pattern], name, mimeType)).toBe(false)
  })

  it('take what any of them takes, and carry cap and revision on', () => {
    expect(wants(['*.dwg', 'image/*'], 'x', 'image/png')).toBe(true)
    expect(fileSelection({ fileTypes: ['*'], maxFilesPerSync: 7, selection: 2 })).toMatchObject({
      mostItems: 7,
      revision: 2,
    })
    expect(fileSelection({ fileTypes: ['x'], maxFilesPerSync: 1, selection: 1 }).wants({ name: 3 })).toBe(
      false,
    )
  })

  it('are refused by their place when they are no pattern', () => {
    const faults = fileTypeFaults(['*', ' ', 'a\nb', 'x'.repeat(201)])
    expect(faults.map(({ path }) => path)).toEqual(['file_types.1', 'file_types.2', 'file_types.3'])
  })

  it('take steps by the product of the lengths at most, whatever the stars', () => {
    expect(matchesGlob(`${'*a'.repeat(90)}*b`, 'a'.repeat(5_000))).toBe(false)
  })
})
