/** Switches that make one storage node misbehave. Plain data: the same switches can be set from another process. */
import { z } from 'zod'

/** Which requests are hit; `any` is every one but the control route. */
export const faultPlaces = [
  'any',
  'auth',
  'user',
  'did',
  'couch',
  'bulkDocs',
  'revsDiff',
  'bulkGet',
  'changes',
] as const

const share = z.number().min(0).max(1).default(1)

export const faultShape = z.discriminatedUnion('kind', [
  /** Waits before the work is done. */
  z.object({ kind: z.literal('delay'), ms: z.int().min(0) }),
  /** Takes the request and never answers. */
  z.object({ kind: z.literal('hang') }),
  /** Answers a status instead of doing the work: 500, 503, or 401 to refuse whoever asks. */
  z.object({ kind: z.literal('status'), status: z.int().min(400).max(599) }),
  /** Closes the connection before doing the work. */
  z.object({ kind: z.literal('reset') }),
  /** Does the work, then closes the connection without an answer. */
  z.object({ kind: z.literal('lost') }),
  /** `bulkDocs`: says that everything is stored, and leaves a share of the documents out. */
  z.object({ kind: z.literal('drop'), share }),
  /** `bulkDocs`: refuses a share of the documents, each in its row. */
  z.object({
    kind: z.literal('refuse'),
    share,
    error: z.enum(['forbidden', 'unauthorized']).default('forbidden'),
  }),
  /** `bulkDocs`: stores the first half, then closes the connection. */
  z.object({ kind: z.literal('halfWrite') }),
  /** `revsDiff`: says that nothing is missing. */
  z.object({ kind: z.literal('nothingMissing') }),
])
export type Fault = z.output<typeof faultShape>
export type FaultPlace = (typeof faultPlaces)[number]

export const switchShape = z.object({
  at: z.enum(faultPlaces),
  fault: faultShape,
  /** Requests that pass untouched first. */
  after: z.int().min(0).default(0),
  /** Requests that are hit then; until cleared when missing. */
  times: z.int().min(1).optional(),
})
export type FaultSwitch = z.input<typeof switchShape>

interface Armed {
  readonly at: FaultPlace
  readonly fault: Fault
  after: number
  times: number
}

export class FaultSwitches {
  #armed: Armed[] = []

  set(...switches: readonly FaultSwitch[]): void {
    for (const wanted of switches) {
      const { at, fault, after, times } = switchShape.parse(wanted)
      this.#armed.push({ at, fault, after, times: times ?? Number.POSITIVE_INFINITY })
    }
  }

  clear(): void {
    this.#armed = []
  }

  /** What hits a request that counts for these places, in the order in which it was set. */
  take(places: readonly FaultPlace[]): readonly Fault[] {
    const hit: Fault[] = []
    for (const armed of this.#armed) {
      if (!places.includes(armed.at) || armed.times <= 0) continue
      if (armed.after > 0) armed.after -= 1
      else {
        armed.times -= 1
        hit.push(armed.fault)
      }
    }
    return hit
  }
}
