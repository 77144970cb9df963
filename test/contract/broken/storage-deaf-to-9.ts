/** Cuts every waiting change feed for PouchDB 9. */
import { httpEnd } from '../storage-over-http.js'
import type { Twist } from '../storage-twist.js'

export const breaks = 'C18-live-with-9'
export const twist: Twist = (sound) => ({
  ...sound,
  end: (version) =>
    version === 9
      ? httpEnd(sound.database, version, (send) => async (address, options) => {
          const waits = typeof address === 'string' && address.includes('feed=longpoll')
          if (waits) throw new Error('cut')
          return send(address, options)
        })
      : sound.end(version),
})
