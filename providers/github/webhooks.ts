/** Deliveries of repositories that the person administers: issues and pull requests. https://docs.github.com/webhooks */
import {
  hmacMatches,
  NodeError,
  readAnswer,
  reveal,
  z,
  type Delivery,
  type ProviderHttp,
  type Verdict,
  type Webhooks,
} from '../../src/provider/index.js'
import { hook } from './api.js'
import { API, HEADERS } from './github.js'
import { repositoryPath } from './names.js'
import type { settings } from './settings.js'

/** Which stream each event changes; others, and the `ping` of a new webhook, change none. */
const STREAMS: ReadonlyMap<string, string> = new Map([
  ['issues', 'issues'],
  ['pull_request', 'issues'],
])

/** At most so many repositories report. */
const MOST_HOOKS = 20

const state = z.object({ hooks: z.array(z.object({ repository: z.string(), id: z.string() })) })
type Hook = z.output<typeof state>['hooks'][number]

export const webhooks: Webhooks<typeof settings> = {
  scope: 'connection',
  streams: ['issues'],
  scheme:
    'X-Hub-Signature-256: HMAC-SHA256 of the body under the secret of the webhook. https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries',
  setup:
    'In a repository, under Settings > Webhooks, add the address with content type application/json, the secret, and the events Issues and Pull requests.',

  verify(delivery, { secret }): Verdict {
    const given = delivery.headers['x-hub-signature-256'] ?? ''
    if (secret === undefined) return { kind: 'refused', why: 'no secret is known' }
    const signature = given.startsWith('sha256=') ? given.slice('sha256='.length) : undefined
    if (!hmacMatches(signature, { key: secret, parts: [delivery.body], encoding: 'hex' }))
      return { kind: 'refused', why: 'the signature does not match' }
    return accepted(delivery)
  },

  async register(http, { url, secret }, { fields }) {
    const config = { url, content_type: 'json', secret: reveal(secret), insecure_ssl: '0' }
    const json = { name: 'web', active: true, events: [...STREAMS.keys()], config }
    const hooks: Hook[] = []
    try {
      for (const repository of repositoriesOf(fields.texts['repositories'])) {
        const path = `${repositoryPath(repository)}/hooks`
        const answer = await http.post(`${API}${path}`, { json }, { headers: HEADERS })
        hooks.push({ repository, id: readAnswer(hook, answer).id })
      }
    } catch (error) {
      // All or none: what was made is not left behind.
      await Promise.allSettled(hooks.map((one) => removeHook(http, one)))
      throw error
    }
    return { id: hooks.map(({ id }) => id).join('-'), state: { hooks } }
  },

  async remove(http, registration) {
    for (const one of state.parse(registration.state).hooks) await removeHook(http, one)
  },
}

/** The signature covers the body only, so GitHub's own number tells deliveries apart, as its best practices say. */
function accepted({ headers }: Delivery): Verdict {
  const deliveryId = headers['x-github-delivery'] ?? ''
  if (!/^[\w-]{1,100}$/.test(deliveryId)) return { kind: 'refused', why: 'no number of the delivery' }
  const stream = STREAMS.get(headers['x-github-event'] ?? '')
  return { kind: 'accepted', deliveryId, events: stream === undefined ? [] : [{ stream }] }
}

/** @throws NodeError REQUEST_INVALID: none, too many, or no names */
function repositoriesOf(text = ''): readonly string[] {
  const names = [...new Set(text.split(/[\s,]+/).filter((name) => name !== ''))]
  if (names.length === 0 || names.length > MOST_HOOKS)
    throw new NodeError('REQUEST_INVALID', {
      detail: `1 to ${MOST_HOOKS} repositories must be named at the connection`,
    })
  names.forEach(repositoryPath)
  return names
}

async function removeHook(http: ProviderHttp, { repository, id }: Hook): Promise<void> {
  await http.delete(`${API}${repositoryPath(repository)}/hooks/${encodeURIComponent(id)}`, {
    headers: HEADERS,
  })
}
