/** A process that takes a folder's lock, or opens a whole store in it, says so, and holds it until it ends; started by tests. */
import { NodeError } from '../../src/errors.js'
import { lockFolder } from '../../src/store/engine/folder-lock.js'
import { openStore } from '../../src/store/index.js'

const [what, folder = ''] = process.argv.slice(2)
try {
  const held = what === 'store' ? await openStore({ folder }) : await lockFolder(folder)
  process.on('message', () => {
    void ('close' in held ? held.close() : held.release()).then(() => process.exit(0))
  })
  process.send?.('held')
} catch (error) {
  process.send?.(error instanceof NodeError ? { code: error.code, detail: error.detail } : String(error))
  process.exitCode = 1
  process.disconnect()
}
