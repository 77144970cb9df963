import { describe, expect, it } from 'vitest'
import { providers } from '../../../providers/index.js'
import { createValidator } from '../../../schemas/index.js'
import { providerSchemas, streamSchema } from '../../../src/sync/stream-schema.js'

describe('the schema of a stream', () => {
  it('is the full URI of the newest pinned one, for every stream of every provider', () => {
    for (const provider of providers)
      for (const uri of providerSchemas(provider)) expect(() => createValidator(uri)).not.toThrow()
  })
  it('that is not pinned is named with its stream and provider', () => {
    const stream = { name: 'sightings', schema: 'zoology/unicorn' }
    let thrown: unknown
    try {
      streamSchema({ id: 'zoo' }, stream)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toMatchObject({ code: 'SCHEMA_MISSING' })
    expect((thrown as Error).message).toContain('zoo writes sightings')
  })
})
