/** What most stand-ins of the client do not answer: a test that calls it fails. */
import type { ProviderHttp } from '../../src/provider/index.js'

const refused = (): Promise<never> =>
  Promise.reject(new Error('this stand-in changes nothing, and serves no files and no sockets'))

export const unusedHttp: Pick<ProviderHttp, 'patch' | 'download' | 'socket'> = {
  patch: refused,
  download: refused,
  socket: refused,
}
