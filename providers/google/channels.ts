/**
 * Google's notification channels: one for each list that is watched. A notice says that a list has changed, not how.
 * https://developers.google.com/workspace/calendar/api/guides/push, https://developers.google.com/workspace/drive/api/guides/push
 */
import {
  hmacHex,
  hmacMatches,
  NodeError,
  readAnswer,
  reveal,
  z,
  type Delivery,
  type DeliveryEvent,
  type DeliverySecrets,
  type HttpQuery,
  type ProviderHttp,
  type Registration,
  type RegistrationWish,
  type Verdict,
  type Webhooks,
} from '../../src/provider/index.js'
import type { settings } from './settings.js'

/** A list that can be watched. */
export interface Watched {
  /** The address that opens a channel. */
  readonly watch: string
  readonly query?: HttpQuery
  /** The address that ends it: each API has its own. */
  readonly stop: string
}

/** The lists of a stream, and which of them a notice is of. */
export interface WatchedStream {
  readonly stream: string
  lists(http: ProviderHttp): Promise<readonly Watched[]>
  /** The partition that a resource's address names; undefined when it is no list of this stream. */
  eventOf(resource: URL): DeliveryEvent | undefined
}

/** A channel lives a week at most, and only an hour with Drive where nothing is asked for. */
const LIFE_MS = 6 * 86_400_000

const opened = z.object({
  id: z.string(),
  resourceId: z.string(),
  expiration: z.union([z.string(), z.number()]).transform(Number).pipe(z.int()).optional(),
})

const channel = z.object({ id: z.string(), resourceId: z.string(), stop: z.string() })
type Channel = z.output<typeof channel>
const state = z.object({ channels: z.array(channel) })

export function channelsOf(...watched: readonly WatchedStream[]): Webhooks<typeof settings> {
  return {
    scope: 'connection',
    streams: watched.map(({ stream }) => stream),
    scheme:
      "Notification channels: X-Goog-Channel-Token holds the registration's secret. https://developers.google.com/workspace/calendar/api/guides/push",
    verify: (delivery, secrets) => verify(watched, delivery, secrets),
    register: (http, wish, { now }) =>
      register(
        watched.filter(({ stream }) => wish.streams.includes(stream)),
        { http, wish, now },
      ),
    remove: async (http, registration) => {
      for (const one of state.parse(registration.state).channels) await stop(http, one)
    },
  }
}

function verify(
  watched: readonly WatchedStream[],
  { headers }: Delivery,
  { secret }: Pick<DeliverySecrets<typeof settings>, 'secret'>,
): Verdict {
  const token = headers['x-goog-channel-token']
  if (secret === undefined || token === undefined) return { kind: 'refused', why: 'no token' }
  // Digests have one length, so that comparing them tells nothing of the token.
  const given = hmacHex(secret, token)
  if (!hmacMatches(given, { key: secret, parts: [reveal(secret)], encoding: 'hex' }))
    return { kind: 'refused', why: 'another token' }
  const channelId = headers['x-goog-channel-id'] ?? ''
  const number = headers['x-goog-message-number'] ?? ''
  if (channelId === '' || !/^\d+$/.test(number)) return { kind: 'refused', why: 'no channel or number' }
  const deliveryId = `${channelId}/${number}`
  // The first one says that the channel is open: nothing has changed.
  if (headers['x-goog-resource-state'] === 'sync') return { kind: 'accepted', deliveryId, events: [] }
  const address = headers['x-goog-resource-uri'] ?? ''
  const resource = URL.canParse(address) ? new URL(address) : undefined
  const events = resource === undefined ? [] : watched.flatMap((one) => one.eventOf(resource) ?? [])
  // Of a list that nobody knows any more all streams are asked.
  return { kind: 'accepted', deliveryId, events: events.length > 0 ? events : [{}] }
}

interface Registering {
  readonly http: ProviderHttp
  readonly wish: RegistrationWish
  readonly now: number
}

/** All channels or none: one that is left alone would call for days. */
async function register(watched: readonly WatchedStream[], wanted: Registering): Promise<Registration> {
  const { http, wish, now } = wanted
  const lists: Watched[] = []
  for (const stream of watched) lists.push(...(await stream.lists(http)))
  const channels: Channel[] = []
  const expiresAtMs: number[] = []
  try {
    for (const list of lists) {
      const { id, resourceId, expiration = now + LIFE_MS } = await open(list, wanted)
      channels.push({ id, resourceId, stop: list.stop })
      expiresAtMs.push(expiration)
    }
  } catch (error) {
    for (const one of channels) await stop(http, one)
    throw error
  }
  return {
    id: hmacHex(wish.secret, wish.url),
    expiresAtMs: Math.min(now + LIFE_MS, ...expiresAtMs),
    state: { channels },
  }
}

async function open({ watch, query = {} }: Watched, { http, wish, now }: Registering) {
  const body = {
    // Unique, and known before the first notice comes; it tells nothing of the secret.
    id: hmacHex(wish.secret, `${watch} ${JSON.stringify(query)}`),
    type: 'web_hook',
    address: wish.url,
    token: reveal(wish.secret),
    expiration: now + LIFE_MS,
  }
  return readAnswer(opened, await http.post(watch, { json: body }, { query }))
}

async function stop(http: ProviderHttp, { id, resourceId, stop: address }: Channel): Promise<void> {
  try {
    await http.post(address, { json: { id, resourceId } })
  } catch (error) {
    // 404: it has ended by itself.
    if (!(error instanceof NodeError && error.code === 'CURSOR_EXPIRED')) throw error
  }
}
