import { expect, it } from 'vitest'
import { findServerFault } from '../../support/database.js'

it('is tested on PostgreSQL too, or says plainly why not', async ({ skip }) => {
  const fault = await findServerFault()
  if (fault !== undefined) {
    console.warn(`${fault}. The store's tests on it are skipped; set TEST_DATABASE_URL to run them.`)
    skip(fault)
  }
  expect(fault).toBeUndefined()
})
