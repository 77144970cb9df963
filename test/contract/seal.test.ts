/** Suite B over everything of ours that seals. */
import { describe, test } from 'vitest'
import { capsuleCase, grantTokensCase, sealedValueCase } from '../support/sealers/credentials.js'
import { cryptoPouchCase } from '../support/sealers/crypto-pouch.js'
import { envelopeCases } from '../support/sealers/envelope.js'
import { sealRules } from './seal.js'

const cases = [...envelopeCases(), cryptoPouchCase(), sealedValueCase(), capsuleCase(), grantTokensCase()]

describe.each(cases)('seal suite: $name', (sealer) => {
  test.each(Object.entries(sealRules))('%s', async (_id, rule) => {
    await rule(sealer)
  })
})
