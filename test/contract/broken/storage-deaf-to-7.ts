/** Cuts every waiting change feed for PouchDB 7. */
import { httpEnd } from '../storage-over-http.js'
import type { Twist } from '../storage-twist.js'

export const breaks = 'C19-live-with-7'
export const twist: Twist = (sound) => ({
  ...sound,
  end: (version) =>
    version === 7
      ? httpEnd(sound.database, version, (send) => async (address, options) => {
          const waits = typeof address === 'string' && address.includes('feed=longpoll')
          if (waits) throw new Error('cut')
          return send(address, options)
        })
      : sound.end(version),
})
