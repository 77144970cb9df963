/** Everybody's lists, and the commands that change them. Knows nothing of HTTP or tokens. */
import type { Clock } from '../../lib/clock.js'
import type { JsonObject } from '../../lib/canonical-json.js'
import { Collection } from './collection.js'
import { calendarIds, eventsIn, generateCalendars, generateEvents } from './content/calendars.js'
import type { ContentSizes } from './content/expected.js'
import { generateFiles } from './content/files.js'
import { generateFollowings } from './content/followings.js'
import type { Generated, Item } from './content/item.js'
import { personById, type Person } from './content/people.js'
import { generatePosts } from './content/posts.js'
import type { StateFile } from './state.js'

export const streamNames = ['posts', 'followings', 'files', 'calendars', 'events'] as const
export type StreamName = (typeof streamNames)[number]

export interface Content extends ContentSizes {
  readonly seed: string
}

export class World {
  private readonly collections = new Map<string, Collection>()

  constructor(
    private readonly content: Content,
    private readonly file: StateFile,
    private readonly clock: Clock,
    /** Told after each command that changed something. */
    private readonly onChange: (personId: string, stream: StreamName) => void = () => undefined,
  ) {
    const made = JSON.stringify([
      content.seed,
      content.posts,
      content.followings,
      content.files,
      content.events,
    ])
    const { state } = file
    if (state.content.made === made) return
    // Other content under the same ids: old changes and cursors mean nothing any more.
    state.changes = {}
    state.content = { made, epoch: state.content.epoch + 1 }
  }

  /** Part of every cursor: one from another epoch has expired. */
  get epoch(): number {
    return this.file.state.content.epoch
  }

  expireCursors(): Promise<void> {
    this.file.state.content.epoch++
    return this.file.save()
  }

  /** The list of a person, and of a calendar with `events`. Undefined when there is no such calendar. */
  list(personId: string, stream: StreamName, calendarId?: string): Collection | undefined {
    const person = personById(personId)
    if (!person) return undefined
    if (stream === 'events') {
      if (calendarId === undefined || !this.list(personId, 'calendars')?.get(calendarId)) return undefined
    }
    const key = stream === 'events' ? `${personId}/events/${calendarId ?? ''}` : `${personId}/${stream}`
    const known = this.collections.get(key)
    if (known) return known
    const changes = (this.file.state.changes[key] ??= [])
    const made = new Collection(this.generate(person, stream, calendarId ?? ''), changes)
    this.collections.set(key, made)
    return made
  }

  /** @returns the item after the edit, or undefined when there is none with this id. */
  async edit(
    personId: string,
    stream: StreamName,
    id: string,
    members: JsonObject,
  ): Promise<Item | undefined> {
    const item = this.listOf(personId, stream, id)?.edit(id, members, this.now())
    await this.saved(item !== undefined, personId, stream)
    return item
  }

  async remove(personId: string, stream: StreamName, id: string): Promise<boolean> {
    const removed = this.listOf(personId, stream, id)?.remove(id) ?? false
    await this.saved(removed, personId, stream)
    return removed
  }

  /** Adds one item; events go to the calendar that `members.calendarId` names, else to the first. */
  async add(personId: string, stream: StreamName, members: JsonObject): Promise<Item | undefined> {
    const named = members['calendarId']
    const item = this.list(personId, stream, typeof named === 'string' ? named : calendarIds[0])?.add(
      members,
      this.now(),
    )
    await this.saved(item !== undefined, personId, stream)
    return item
  }

  private async saved(changed: boolean, personId: string, stream: StreamName): Promise<void> {
    await this.file.save()
    if (changed) this.onChange(personId, stream)
  }

  private listOf(personId: string, stream: StreamName, id: string): Collection | undefined {
    return this.list(
      personId,
      stream,
      stream === 'events' ? id.slice(0, id.lastIndexOf('-event-')) : undefined,
    )
  }

  private generate(person: Person, stream: StreamName, calendarId: string): Generated {
    const { seed, posts, followings, files, events } = this.content
    switch (stream) {
      case 'posts':
        return generatePosts(seed, person, posts)
      case 'followings':
        return generateFollowings(seed, person, followings)
      case 'files':
        return generateFiles(seed, person, files)
      case 'calendars':
        return generateCalendars(person)
      case 'events':
        return generateEvents(seed, person, calendarId, eventsIn(calendarId, events))
    }
  }

  private now(): Date {
    return new Date(this.clock.now())
  }
}
