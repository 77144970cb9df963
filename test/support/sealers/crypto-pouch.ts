/** The crypto-pouch shim as a case of the seal suite: sealed by one database handle, opened by another. */
import { randomBytes } from 'node:crypto'
import type { Sealer, SealerCase } from '../../contract/seal.js'
import { memoryDatabase } from '../pouch.js'

export function cryptoPouchCase(): SealerCase {
  return {
    name: 'crypto-pouch',
    mine: sealer(),
    other: sealer(),
    places: ['a'.repeat(32), 'b'.repeat(32)],
    isFault: (error) =>
      error instanceof Error &&
      /^(Could not decrypt!|The sealed document belongs to another id)$/.test(error.message),
  }
}

function sealer(): Sealer {
  const options = { password: randomBytes(32).toString('hex'), salt: Buffer.alloc(0), iterations: 1000 }
  return {
    async seal(text, place) {
      const { name, open } = memoryDatabase()
      const raw = open(name)
      const database = open(name)
      await database.crypto(options)
      await database.put({ _id: place, text })
      const { payload } = await raw.get(place)
      await raw.destroy()
      return String(payload)
    },
    async open(sealed, place) {
      const { name, open } = memoryDatabase()
      const raw = open(name)
      const database = open(name)
      await database.crypto(options)
      await raw.put({ _id: place, payload: sealed })
      try {
        return String((await database.get(place))['text'])
      } finally {
        await raw.destroy()
      }
    },
  }
}
