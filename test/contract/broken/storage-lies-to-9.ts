/** Tells PouchDB 9 in a one-shot replication that nothing is missing. */
import { httpEnd } from '../storage-over-http.js'
import type { Twist } from '../storage-twist.js'

export const breaks = 'C16-replicates-with-9'
export const twist: Twist = (sound) => ({
  ...sound,
  end: (version) =>
    version === 9
      ? httpEnd(
          sound.database,
          version,
          (send) => async (address, options) =>
            addressText(address).endsWith('_revs_diff') && asksForMany(options)
              ? Response.json({})
              : send(address, options),
        )
      : sound.end(version),
})

const addressText = (address: string | Request): string =>
  typeof address === 'string' ? address : address.url

/** The one-shot rule asks for several documents at once. */
const asksForMany = (options: object): boolean =>
  Object.keys(JSON.parse((options as { body: string }).body) as object).length > 1
