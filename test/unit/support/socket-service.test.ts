import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startFailingService, startSocketService } from '../../support/socket-service.js'
import { testSocket } from '../../support/test-socket.js'
import { soundLines, withLines } from '../../contract/broken/sound-socket.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'socket-service-'))
  await mkdir(join(folder, 'fixtures'))
})
afterAll(() => rm(folder, { recursive: true }))

test('a folder without a service has none, and one of another form is named', async () => {
  expect(await startSocketService(folder)).toBeUndefined()
  await writeFile(join(folder, 'fixtures', 'service.ts'), 'export const service = 1\n')
  await expect(startSocketService(folder)).rejects.toThrow(
    'fixtures/service.ts exports no function startService',
  )
})

test('connections go to declared servers only, and leave nothing behind with their run', async () => {
  const service = await soundLines()
  try {
    const one = withLines(service.port)
    await expect(testSocket(one, 'elsewhere.test', 7_000)).rejects.toThrow('elsewhere.test:7000')
    await expect(testSocket({ ...one, socketPort: undefined }, 'sound.test', 7_000)).rejects.toThrow(
      'service.ts',
    )
    const { signal } = new AbortController()
    let listeners = 0
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)]
    signal.addEventListener = (...call: Parameters<typeof add>) => ((listeners += 1), add(...call))
    signal.removeEventListener = (...call: Parameters<typeof remove>) => ((listeners -= 1), remove(...call))
    const socket = await testSocket(one, 'sound.test', 7_000, signal)
    expect(listeners).toBe(1)
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.destroy()
    await closed
    expect(listeners).toBe(0)
  } finally {
    await service.close()
  }
})

test('nobody at home is PROVIDER_DOWN', async () => {
  const gone = await startFailingService('silence')
  await gone.close()
  await expect(testSocket(withLines(gone.port), 'sound.test', 7_000)).rejects.toMatchObject({
    code: 'PROVIDER_DOWN',
  })
})
