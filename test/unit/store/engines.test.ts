import { expect, it } from 'vitest'
import { findServerFault, sayServerFault } from '../../support/database.js'

it('is tested on PostgreSQL too, or says plainly why not', async ({ skip }) => {
  const fault = await findServerFault()
  if (fault !== undefined) {
    sayServerFault(fault)
    skip(fault)
  }
  expect(fault).toBeUndefined()
})
