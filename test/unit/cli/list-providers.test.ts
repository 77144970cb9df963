/** The list of providers for people and programs, and the documents that are made from declarations. */
import { expect, it } from 'vitest'
import { providers } from '../../../providers/index.js'
import { listProviders } from '../../../src/cli/list-providers.js'
import { printProviderDocs } from '../../../src/cli/provider-docs.js'
import { NodeError } from '../../../src/errors.js'

function printed(work: (print: (text: string) => void) => number): string {
  const lines: string[] = []
  expect(work((text) => lines.push(text))).toBe(0)
  return lines.join('\n')
}

it('gives every provider as JSON, with its streams and the lines of its index.ts', () => {
  const list = JSON.parse(printed((print) => listProviders({ json: true }, print))) as { id: string }[]
  expect(list.map(({ id }) => id)).toEqual(providers.map(({ id }) => id))
  expect(list.find(({ id }) => id === 'sandbox')).toMatchObject({
    category: 'development',
    auth: ['oauth2'],
    streams: expect.arrayContaining([
      { name: 'posts', schema: 'social/post', cursor: 'incremental', deletes: 'feed', contents: false },
    ]) as unknown,
    lines: expect.any(Number) as unknown,
  })
})

it('gives a line for each to people', () => {
  expect(printed((print) => listProviders({ json: false }, print)).split('\n')).toHaveLength(providers.length)
})

it('documents sign-in, scopes with reasons, streams and how access ends', () => {
  const text = printed((print) => printProviderDocs('facebook', print))
  expect(text).toContain('| `user_posts` | To copy your posts |')
  expect(text).toContain('| `posts` | Posts | `social/post` |')
  expect(text).toContain('200 requests in 3600 s for each connection')
  expect(text).toContain('ends its access at the service')
})

it('knows no provider that is not there', () => {
  expect(() => printProviderDocs('nobody')).toThrow(NodeError)
})
