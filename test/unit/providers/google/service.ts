/** A client that answers by a function and notes what was asked for. */
import { NodeError, type HttpOptions, type ProviderHttp } from '../../../../src/provider/index.js'
import type { Json } from '../../../../src/lib/canonical-json.js'
import { unusedHttp } from '../../../support/unused-http.js'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly json?: Json | undefined
}

export interface ScriptedHttp extends ProviderHttp {
  readonly asked: readonly Asked[]
}

/** @throws from a call what `answer` throws */
export function scriptedHttp(answer: (asked: Asked) => Json): ScriptedHttp {
  const asked: Asked[] = []
  const call = async (method: string, address: string | URL, options: HttpOptions = {}, json?: Json) => {
    const url = new URL(address)
    for (const [name, value] of Object.entries(options.query ?? {}))
      if (value !== undefined) url.searchParams.set(name, String(value))
    const one: Asked = { method, path: url.pathname, query: Object.fromEntries(url.searchParams), json }
    asked.push(one)
    return { status: 200, headers: {}, json: answer(one) }
  }
  return {
    asked,
    get: (url, options) => call('GET', url, options),
    post: (url, body, options) => call('POST', url, options, body.json),
    delete: (url, options) => call('DELETE', url, options),
    ...unusedHttp,
  }
}

/** What `classify` makes of a 404. */
export const notFound = (): never => {
  throw new NodeError('CURSOR_EXPIRED', { detail: 'status 404 notFound' })
}
