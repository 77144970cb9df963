/** What is GitHub's own: links in headers, names in addresses, webhooks that are made all or none, tokens of people. The rest is the suite's. */
import { describe, expect, it } from 'vitest'
import { nextPlace } from '../../../../providers/github/github.js'
import { provider } from '../../../../providers/github/index.js'
import { issuePath, repositoryPath } from '../../../../providers/github/names.js'
import { NO_FIELDS, NodeError, Redacted, type ProviderHttp } from '../../../../src/provider/index.js'
import { testSettings } from '../../../support/provider-settings.js'
import { unusedHttp } from '../../../support/unused-http.js'

const { settings } = testSettings(provider)
const answer = (link: string) => ({ status: 200, headers: { link }, json: [] })

describe('a link to the next page', () => {
  it('gives its place and nothing else', () => {
    const link =
      '<https://api.github.com/user/starred?page=1>; rel="prev", <https://api.github.com/user/starred?per_page=100&after=Y3&page=3>; rel="next"'
    expect(nextPlace(answer(link))).toEqual({ page: '3', after: 'Y3' })
  })

  it('is not there on the last page', () => {
    expect(nextPlace(answer('<https://api.github.com/user/starred?page=1>; rel="first"'))).toBeNull()
  })

  it.each(['https://evil.example/user?page=2', 'http://api.github.com/user?page=2', 'no address', ''])(
    'that leads to %j is PROVIDER_CHANGED',
    (url) => {
      const attempt = () => nextPlace(answer(`<${url}>; rel="next"`))
      expect(attempt).toThrow(expect.objectContaining({ code: 'PROVIDER_CHANGED' }))
    },
  )
})

describe('a name that becomes part of an address', () => {
  it.each(['', 'a', 'a/', '/b', 'a/..', '../b', 'a/b/c', 'a/b?x', 'a%2fb/c', 'a/b#1'])(
    'refuses %j',
    (name) => {
      expect(() => repositoryPath(name)).toThrow(expect.objectContaining({ code: 'REQUEST_INVALID' }))
    },
  )

  it.each(['a/b', 'a/b#', 'a/b#0', 'a/b#1x', 'a/..#1', 'a/b#1#2'])('refuses the issue %j', (name) => {
    expect(() => issuePath(name)).toThrow(expect.objectContaining({ code: 'REQUEST_INVALID' }))
  })

  it('takes those that GitHub gives', () => {
    expect(issuePath('nadia-f/boats.js#12')).toBe('/repos/nadia-f/boats.js/issues/12')
  })
})

describe('webhooks of several repositories', () => {
  it('are all made or none: a refusal at the second removes the first', async () => {
    const removed: string[] = []
    const http: ProviderHttp = {
      ...unusedHttp,
      get: () => Promise.reject(new Error('nothing is read')),
      post: (url) =>
        String(url).includes('soup')
          ? Promise.reject(new NodeError('SCOPE_MISSING'))
          : Promise.resolve({ status: 201, headers: {}, json: { id: 7 } }),
      delete: (url) => {
        removed.push(String(url))
        return Promise.resolve({ status: 204, headers: {}, json: null })
      },
    }
    const wish = { url: 'https://node.test/w', secret: new Redacted('s'), streams: ['issues'] }
    const context = {
      settings,
      fields: { texts: { repositories: 'nadia/boats, nadia/soup' }, secrets: {} },
      account: { id: '1', name: 'Nadia' },
      now: 0,
      signal: new AbortController().signal,
    }
    await expect(provider.webhooks?.register?.(http, wish, context)).rejects.toMatchObject({
      code: 'SCOPE_MISSING',
    })
    expect(removed).toEqual(['https://api.github.com/repos/nadia/boats/hooks/7'])
  })
})

describe('the end of a connection', () => {
  it('leaves a token that the person made to the person, and says so', async () => {
    if (typeof provider.revoke !== 'function') throw new Error('revoke is a function')
    const fields = { ...NO_FIELDS, secrets: { token: new Redacted('theirs') } }
    const http = { ...unusedHttp } as ProviderHttp
    const tokens = { accessToken: new Redacted('theirs') }
    await expect(provider.revoke(http, { settings, fields, tokens })).rejects.toMatchObject({
      code: 'CAPABILITY_MISSING',
    })
  })
})
