/** A person's browser: keeps cookies of one host, follows nothing by itself, and accepts pages. */
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'

export interface Browser {
  get(url: string, headers?: Readonly<Record<string, string>>): Promise<Response>
  /** A form, as a browser without a script sends it. */
  post(url: string, form: Readonly<Record<string, string>>): Promise<Response>
  cookies(): string
}

export function openBrowser(): Browser {
  const jar = new Map<string, string>()
  const cookies = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
  async function ask(url: string, init: RequestInit, headers: Readonly<Record<string, string>>) {
    const answer = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { accept: 'text/html,*/*;q=0.8', ...(jar.size > 0 && { cookie: cookies() }), ...headers },
    })
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      const at = pair.indexOf('=')
      jar.set(pair.slice(0, at), pair.slice(at + 1))
    }
    return answer
  }
  return {
    cookies,
    get: (url, headers = {}) => ask(url, {}, headers),
    post: (url, form) => ask(url, { method: 'POST', body: new URLSearchParams(form) }, {}),
  }
}

/** The address of the success page's button. */
export function buttonOf(page: string): string | undefined {
  return /<a class="button" href="([^"]+)"/.exec(page)?.[1]?.replaceAll('&amp;', '&')
}

export const locationOf = (answer: Response): URL => new URL(answer.headers.get('location') ?? '')

/** What is answered to a request that names another host than it was sent to; `fetch` cannot send one. */
export async function askAs(host: string, url: string): Promise<IncomingMessage> {
  const request = get(url, { headers: { host, 'x-forwarded-host': host } })
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  answer.resume()
  return answer
}
