/** Changes that Autodesk delivers for the root folder of each project. https://aps.autodesk.com/en/docs/webhooks/v1/tutorials/create-a-hook-data-management/ */
import {
  deliveryJson,
  hmacMatches,
  NodeError,
  reveal,
  z,
  type Delivery,
  type DeliverySecrets,
  type SettingsShape,
  type Verdict,
  type Webhooks,
} from '../../src/provider/index.js'
import { notification } from './api.js'
import { API, hubById, projectsOf } from './data-management.js'
import type { settings as shape } from './settings.js'

/** All events of Data Management. */
const HOOKS = `${API}/webhooks/v1/systems/data/events/dm.*/hooks`

const state = z.object({ region: z.string(), hookIds: z.array(z.string()) })

export const webhooks: Webhooks<typeof shape> = {
  scope: 'connection',
  streams: ['files'],
  scheme: 'x-adsk-signature: sha1hash= and HMAC-SHA1 of the body, hex (aps.autodesk.com, Webhooks)',
  setup: 'Nothing, where the application has the Webhooks API; else sync on a schedule.',
  verify,

  async register(http, { url, secret }, context) {
    const hub = await hubById(http, context.account.id)
    const region = hub.attributes.region ?? 'US'
    const headers = { 'x-ads-region': region }
    const hookIds: string[] = []
    for (const { id: projectId, relationships } of await projectsOf(http, hub.id, context)) {
      const folder = relationships?.rootFolder?.data?.id
      if (folder === undefined) continue
      const json = {
        callbackUrl: url,
        scope: { folder },
        hookAttribute: { projectId },
        autoReactivateHook: true,
      }
      const { headers: answered } = await http.post(HOOKS, { json }, { headers })
      const hookId = /\/hooks\/([\w-]{1,100})$/.exec(answered['location'] ?? '')?.[1]
      if (hookId === undefined)
        throw new NodeError('PROVIDER_CHANGED', { detail: 'a hook without a location' })
      // Until it has its token, what it delivers is not signed, and refused.
      await http.patch(
        `${HOOKS}/${hookId}`,
        { json: { token: reveal(secret) } },
        { headers, idempotent: true },
      )
      hookIds.push(hookId)
    }
    const [id] = hookIds
    if (id !== undefined) return { id, state: { region, hookIds } }
    throw new NodeError('PROVIDER_CHANGED', { detail: 'no project with a root folder' })
  },

  async remove(http, registration) {
    const { region, hookIds } = state.parse(registration.state)
    const headers = { 'x-ads-region': region }
    for (const hookId of hookIds) await http.delete(`${HOOKS}/${encodeURIComponent(hookId)}`, { headers })
  },
}

function verify({ headers, body }: Delivery, { secret }: DeliverySecrets<SettingsShape>): Verdict {
  const signature = /^sha1hash=([0-9a-f]{40})$/.exec(headers['x-adsk-signature'] ?? '')?.[1]
  if (secret === undefined || signature === undefined) return refused('no secret, or no signature')
  if (!hmacMatches(signature, { key: secret, parts: [body], algorithm: 'sha1', encoding: 'hex' }))
    return refused('not signed by Autodesk')
  const read = notification.safeParse(deliveryJson(body))
  if (!read.success) return refused('no event')
  const partition = read.data.hook.hookAttribute?.projectId
  const isOfFiles = read.data.hook.event.startsWith('dm.')
  return {
    kind: 'accepted',
    // Deliveries have no id and no time; the signature is a digest of the bytes, the same when they are sent again.
    deliveryId: signature,
    events: isOfFiles ? [{ stream: 'files', ...(partition !== undefined && { partition }) }] : [],
  }
}

const refused = (why: string): Verdict => ({ kind: 'refused', why })
