/** Switches that make the service misbehave, each for a number of calls of one route. */

export const routeNames = [
  'me',
  'posts',
  'followings',
  'files',
  'content',
  'calendars',
  'events',
  'containers',
  'items',
  'comments',
  'authorize',
  'token',
  'revoke',
  'webhooks',
] as const
export type RouteName = (typeof routeNames)[number]

export type Fault =
  /** Answers a status instead of doing the work, with Retry-After in seconds or as an HTTP date when asked. */
  | {
      readonly kind: 'status'
      readonly status: number
      readonly retryAfterS?: number
      readonly retryAfterAs?: 'seconds' | 'date'
    }
  /** 401 with an RFC 6750 challenge, although the token is good. */
  | { readonly kind: 'unauthorized' }
  /** Closes the connection before doing the work. */
  | { readonly kind: 'reset' }
  /** Does the work, then closes the connection without an answer. */
  | { readonly kind: 'lost' }
  /** Does the work and waits, or sends the answer drop by drop. */
  | { readonly kind: 'slow'; readonly delayMs?: number; readonly bytesPerS?: number }
  /** Takes the request and never answers. */
  | { readonly kind: 'hang' }
  /** Status 200 and a web page instead of JSON. */
  | { readonly kind: 'html' }
  /** A complete HTTP answer that holds half of the JSON. */
  | { readonly kind: 'truncated' }
  /** Breaks the connection in the middle of the body. */
  | { readonly kind: 'cut' }
  /** A page without items, and more to come: the same items follow at the next call. */
  | { readonly kind: 'emptyPage' }
  /** The page, and a cursor that gives the same page once more. */
  | { readonly kind: 'duplicatePage' }
  /** The page, and the very cursor that was asked with. */
  | { readonly kind: 'loopingCursor' }
  /** 410: the cursor or sync token is too old. Calls without one are served. */
  | { readonly kind: 'expiredCursor' }

export interface FaultSwitch {
  readonly route: RouteName
  readonly fault: Fault
  /** Calls that pass untouched first. Default 0. */
  readonly after?: number
  /** Calls that are hit then. Default 1; Infinity until cleared. */
  readonly times?: number
}

export class Faults {
  private switches: { readonly route: RouteName; readonly fault: Fault; after: number; times: number }[] = []

  set(wanted: FaultSwitch): void {
    this.switches.push({
      route: wanted.route,
      fault: wanted.fault,
      after: wanted.after ?? 0,
      times: wanted.times ?? 1,
    })
  }

  clear(): void {
    this.switches = []
  }

  /** The fault of this call, if any: the switch that was set first counts first. */
  take(route: RouteName): Fault | undefined {
    for (const one of this.switches) {
      if (one.route !== route || one.times <= 0) continue
      if (one.after > 0) {
        one.after--
        continue
      }
      one.times--
      return one.fault
    }
    return undefined
  }
}
