/** The operator's hand on the service: changes of content, faults, tokens, counts. For tests and demonstrations. */
import type { JsonObject } from '../../lib/canonical-json.js'
import type { Item } from './content/item.js'
import { people } from './content/people.js'
import type { Counters, Counts } from './counters.js'
import type { Faults, FaultSwitch } from './faults.js'
import type { Grants } from './oauth/grants.js'
import type { SavedWebhook, StateFile } from './state.js'
import type { Webhooks } from './webhooks.js'
import type { StreamName, World } from './world.js'

/** Which item is meant. `person` is maya unless named. */
export interface ItemAddress {
  readonly person?: string
  readonly stream: StreamName
  readonly id: string
}

export interface SandboxAdmin {
  /** Changes members of an item, now. @returns the item, or undefined when there is none. */
  edit(address: ItemAddress, members: JsonObject): Promise<Item | undefined>
  /** @returns whether there was such an item. */
  remove(address: ItemAddress): Promise<boolean>
  /** Adds an item like the others, with the members given. @returns undefined when the calendar is not known. */
  add(address: Omit<ItemAddress, 'id'>, members?: JsonObject): Promise<Item | undefined>
  /** The item as the API gives it out. */
  read(address: ItemAddress): Item | undefined
  /** The ids of a list's items, in order. */
  ids(address: Omit<ItemAddress, 'id'>): readonly string[]
  /** Edits `perStream` ordinary items of each stream of a person so that their text holds `text`. @returns how many. */
  plantMarker(
    text: string,
    options?: { readonly person?: string; readonly perStream?: number },
  ): Promise<number>
  setFault(fault: FaultSwitch): void
  clearFaults(): void
  counts(): Counts
  resetCounts(): void
  /** Every access token ends now; refresh tokens stay good. */
  expireAccessTokens(): Promise<void>
  /** Every grant ends, as when people remove the application from their accounts. */
  revokeGrants(): Promise<void>
  /** Every cursor and sync token given out so far answers 410 from now on. */
  expireCursors(): Promise<void>
  registerRedirectUri(uri: string): Promise<void>
  /** Who is told of changes, with the secrets that sign. */
  webhooks(): readonly (SavedWebhook & { readonly id: string })[]
  /** When everything that was to be told has been, or nobody took it. */
  told(): Promise<void>
}

export interface AdminParts {
  readonly world: World
  readonly faults: Faults
  readonly counters: Counters
  readonly grants: Grants
  readonly file: StateFile
  readonly webhooks: Webhooks
}

/** The member of an item that holds its longest text. */
const textMember: Readonly<Record<StreamName, string>> = {
  posts: 'text',
  followings: 'bio',
  files: 'description',
  calendars: 'description',
  events: 'description',
}
/** First indexes that are neither broken nor special. */
const FIRST_ORDINARY = 11

export function sandboxAdmin({ world, faults, counters, grants, file, webhooks }: AdminParts): SandboxAdmin {
  const owner = (person: string | undefined) => person ?? people[0]?.id ?? ''
  const calendars = (person: string | undefined) =>
    world
      .list(owner(person), 'calendars')
      ?.live(0, Infinity)
      .rows.map((calendar) => calendar.id) ?? []
  const lists = ({ person, stream }: Omit<ItemAddress, 'id'>) =>
    (stream === 'events' ? calendars(person) : ['']).flatMap(
      (calendar) => world.list(owner(person), stream, calendar) ?? [],
    )
  const ids = (address: Omit<ItemAddress, 'id'>) =>
    lists(address).flatMap((list) => list.live(0, Infinity).rows.map((item) => item.id))
  const read = ({ person, stream, id }: ItemAddress) =>
    lists({ ...(person !== undefined && { person }), stream })
      .map((list) => list.get(id))
      .find(Boolean)
  const edit = ({ person, stream, id }: ItemAddress, members: JsonObject) =>
    world.edit(owner(person), stream, id, members)

  return {
    edit,
    read,
    ids,
    remove: ({ person, stream, id }) => world.remove(owner(person), stream, id),
    add: ({ person, stream }, members = {}) => world.add(owner(person), stream, members),
    plantMarker: async (text, { person, perStream = 3 } = {}) => {
      let planted = 0
      for (const stream of ['posts', 'followings', 'files', 'events'] as const) {
        const all = ids({ ...(person !== undefined && { person }), stream })
        const chosen =
          all.length > FIRST_ORDINARY + perStream
            ? all.slice(FIRST_ORDINARY, FIRST_ORDINARY + perStream)
            : all
        for (const id of chosen) {
          if (
            await edit(
              { ...(person !== undefined && { person }), stream, id },
              { [textMember[stream]]: `Marked: ${text}` },
            )
          )
            planted++
        }
      }
      return planted
    },
    setFault: (fault) => faults.set(fault),
    clearFaults: () => faults.clear(),
    counts: () => counters.read(),
    resetCounts: () => counters.reset(),
    expireAccessTokens: () => grants.expireAccessTokens(),
    revokeGrants: () => grants.revokeAll(),
    webhooks: () => webhooks.list(),
    told: () => webhooks.told(),
    expireCursors: () => world.expireCursors(),
    registerRedirectUri: (uri) => {
      const { redirectUris } = file.state.client
      if (!redirectUris.includes(uri)) redirectUris.push(uri)
      return file.save()
    },
  }
}
