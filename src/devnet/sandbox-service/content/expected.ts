/** How the content comes out at a faithful reader: what is whole, what must be quarantined, what is left out on purpose. */
import { calendarIds, eventOddity, eventsIn } from './calendars.js'
import { fileOddity } from './files.js'
import { followingOddity } from './followings.js'
import type { Oddity } from './item.js'
import { postOddity } from './posts.js'

export interface ContentSizes {
  readonly posts: number
  readonly followings: number
  readonly files: number
  /** Over all calendars. */
  readonly events: number
}

/** Counts of one person's stream as it was made, before any command changed it. */
export interface ExpectedCounts {
  readonly items: number
  /** Items that break the schema they belong to. */
  readonly quarantined: number
  /** Drafts and folders, which a provider leaves out and counts. */
  readonly skipped: number
  /** What is left: the records of a first sync. */
  readonly records: number
}

export type Expected = Readonly<
  Record<'posts' | 'followings' | 'files' | 'calendars' | 'events', ExpectedCounts>
>

/** The same for every person: oddities depend on the index alone. */
export function expectedOf(sizes: ContentSizes): Expected {
  return {
    posts: count([sizes.posts], postOddity),
    followings: count([sizes.followings], followingOddity),
    files: count([sizes.files], fileOddity),
    calendars: count([calendarIds.length], () => 'plain'),
    events: count(
      calendarIds.map((id) => eventsIn(id, sizes.events)),
      eventOddity,
    ),
  }
}

function count(sizes: readonly number[], oddity: (index: number) => Oddity): ExpectedCounts {
  const found = { broken: 0, skipped: 0, plain: 0 }
  for (const size of sizes) for (let index = 0; index < size; index++) found[oddity(index)]++
  const items = sizes.reduce((sum, size) => sum + size, 0)
  return { items, quarantined: found.broken, skipped: found.skipped, records: found.plain }
}
