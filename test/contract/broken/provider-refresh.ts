/** Breaks A2: says that refresh tokens are issued, and none is. */
import { API, soundCase } from './sound-provider.js'

export const breaks = 'A2-facts'
export const one = {
  ...soundCase,
  calls: { ...soundCase.calls, token: [{ request: `POST ${API}/token`, body: { access_token: 'a' } }] },
}
