/** A process that is killed after an event was committed: before it was queued, before it was sent, and before its answer was noted. */
import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { generateKey, parseKeyRing } from '../../../../src/credentials/key-ring.js'
import { Redacted } from '../../../../src/lib/redacted.js'
import { openStore } from '../../../../src/store/index.js'
import { makeTestDatabase } from '../../../support/database.js'
import { onEveryEngine } from '../../../support/store-suite.js'
import { openWebhookBench } from '../../../support/webhook-bench.js'
import { openReceiver } from '../../../support/webhook-receiver.js'

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

const WORKER = join(import.meta.dirname, '../../../support/webhook-worker.ts')

await onEveryEngine('a killed process', (kind) => {
  describe.each(['before it was queued', 'before it was sent', 'before the answer was noted'] as const)(
    '%s',
    (moment) => {
      test('loses no event: it is delivered with the same id', { timeout: 60_000 }, async () => {
        const database = await makeTestDatabase(kind)
        const { options } = database
        ends.push(() => database.remove())
        const receiver = await openReceiver()
        ends.push(() => receiver.close())
        const key = generateKey()
        const ring = parseKeyRing(new Redacted(key))
        const first = await openStore(options)
        const before = openWebhookBench(first, { ring })
        const hook = await before.add(receiver)
        await first.close()

        // The first request hangs: whoever sent it is killed in the meantime.
        if (moment === 'before the answer was noted') receiver.answers = [() => undefined]
        const allowed = moment === 'before the answer was noted' ? receiver.origin : ''
        const facts = [options.folder, options.databaseUrl ?? '', key, before.caller.tenant, randomUUID()]
        const child = fork(WORKER, [...facts, allowed], { execArgv: ['--import', 'tsx'] })
        const exited = once(child, 'exit')
        ends.push(async () => {
          child.kill('SIGKILL')
          await exited
        })
        expect((await once(child, 'message'))[0]).toBe('told')
        if (moment !== 'before it was queued') {
          child.send('start')
          expect((await once(child, 'message'))[0]).toBe('taken')
        }
        const seen = moment === 'before the answer was noted' ? 1 : 0
        await receiver.until(seen)
        expect(receiver.received).toHaveLength(seen)
        child.kill('SIGKILL')
        await exited

        const store = await openStore(options)
        ends.push(() => store.close())
        const bench = openWebhookBench(store, { ring, allowOrigins: [receiver.origin] })
        const after = { ...bench, caller: before.caller }
        ends.push(() => bench.close())
        await bench.start()
        await receiver.until(seen + 1)
        const ids = new Set(receiver.received.map(({ id }) => id))
        expect(ids.size).toBe(1)
        expect(receiver.received.every(({ verified }) => verified)).toBe(true)
        await expect
          .poll(() => after.hooks.deliveries(before.caller, hook.id, { limit: 10 }))
          .toMatchObject([{ state: 'delivered', eventId: [...ids][0], attempts: [{ status: 204 }] }])
        expect(receiver.received).toHaveLength(seen + 1)
      })
    },
  )
})
