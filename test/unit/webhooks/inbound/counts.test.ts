/** What became of deliveries, as the operator is told: of all processes, also of those that are gone. */
import { expect, it } from 'vitest'
import { NodeError } from '../../../../src/errors.js'
import { silentLog } from '../../../../src/lib/log.js'
import { deliveryCounter } from '../../../../src/webhooks/inbound/counts.js'
import { onEveryStore } from '../../../support/store-suite.js'

await onEveryStore('counts of deliveries', (store) => {
  const process = () => deliveryCounter({ store: store(), log: silentLog })

  it('are of all processes, and outlive them', async () => {
    const [one, other] = [process(), process()]
    one.count('stripe', 'accepted', 3)
    one.count('stripe', 'refused')
    other.count('stripe', 'accepted')
    other.count(undefined, 'unknown', 2)
    other.count('xero', 'unknownAccount', 0)
    await other.close()
    expect(await one.read()).toEqual({ '-': { unknown: 2 }, stripe: { accepted: 4, refused: 1 } })
    await one.close()
    const later = process()
    expect(await later.read()).toEqual({ '-': { unknown: 2 }, stripe: { accepted: 4, refused: 1 } })
    await later.close()
  })

  it('are added by many at once, each once', async () => {
    const many = Array.from({ length: 8 }, process)
    for (const one of many) {
      one.count('square', 'accepted')
      one.count('github', 'accepted')
    }
    await Promise.all(many.map((one) => one.close()))
    const last = process()
    expect(await last.read()).toMatchObject({ github: { accepted: 8 }, square: { accepted: 8 } })
    await last.close()
  })

  it('wait for a store that does not answer', async () => {
    let isDown = true
    const faulty = {
      ...store(),
      node: ((work) =>
        isDown ? Promise.reject(new NodeError('STORE_UNAVAILABLE')) : store().node(work)) as ReturnType<
        typeof store
      >['node'],
    }
    const counter = deliveryCounter({ store: faulty, log: silentLog })
    counter.count('shopify', 'stale')
    await expect(counter.read()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    counter.count('shopify', 'stale')
    isDown = false
    expect((await counter.read())['shopify']).toEqual({ stale: 2 })
    await counter.close()
  })
})
