import { describe, expect, test } from 'vitest'
import { supersededOf } from '../../../src/vault/judge-leftover.js'
import type { LeafRev } from '../../../src/vault/rev.js'
import type { StagedDocument } from '../../../src/vault/staged-document.js'

const staged = (rev: string, ...ancestors: readonly string[]): StagedDocument => {
  const [generation = '', hash = ''] = rev.split('-')
  return { _id: 'a', _rev: rev, _revisions: { start: Number(generation), ids: [hash, ...ancestors] } }
}
const live = (rev: string): LeafRev => ({ rev, deleted: false })
const dead = (rev: string): LeafRev => ({ rev, deleted: true })
const isSent = (document: StagedDocument, ...leaves: readonly LeafRev[]): boolean =>
  supersededOf([document], new Map([['a', leaves]])).size === 0

describe('a leftover is sent', () => {
  test('when the document is nowhere', () => expect(isSent(staged('1-x'))).toBe(true))
  test('when its parent is the winner', () => expect(isSent(staged('3-z', 'y', 'x'), live('2-y'))).toBe(true))
  test('when an older ancestor is: the revisions between were staged too', () =>
    expect(isSent(staged('3-z', 'y', 'x'), live('1-x'))).toBe(true))
  test('when it is the winner itself', () => expect(isSent(staged('2-y', 'x'), live('2-y'))).toBe(true))
  test('on top of a deletion', () => expect(isSent(staged('3-z', 'y'), dead('2-y'))).toBe(true))
  test('as the tombstone of a losing leaf that is still there', () =>
    expect(isSent(staged('2-00000000f', 'b'), live('1-c'), live('1-b'))).toBe(true))
})

describe('a leftover is dropped', () => {
  test('when somebody wrote on its parent', () =>
    expect(isSent(staged('2-y', 'x'), live('2-other'))).toBe(false))
  test('when somebody wrote on top of it', () => expect(isSent(staged('2-y', 'x'), live('3-z'))).toBe(false))
  test('when its parent lost', () => expect(isSent(staged('2-y', 'b'), live('1-c'), live('1-b'))).toBe(false))
  test('when the losing leaf that it ends is gone', () =>
    expect(isSent(staged('2-00000000f', 'b'), live('1-c'))).toBe(false))
})
