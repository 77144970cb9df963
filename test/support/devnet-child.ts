/** The process behind `devnetProcess`: a local network until its parent goes. */
import { startDevnet, type DevnetOptions } from '../../src/devnet/index.js'

process.on('message', (options: DevnetOptions) => {
  void startDevnet(options).then(({ rpcUrl, didEndpoints, schemaPaths, storageNodes }) => {
    const nodes = storageNodes.map(({ url, couchUrl, admin }) => ({ url, couchUrl, admin }))
    process.send?.({ rpcUrl, didEndpoints, schemaPaths, storageNodes: nodes })
  })
})
process.on('disconnect', () => process.exit(0))
