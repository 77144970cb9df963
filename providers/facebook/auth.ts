/** The way to connect: Facebook Login. https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow */
import type { OAuth2 } from '../../src/provider/index.js'
import { GRAPH, VERSION } from './graph.js'
import type { settings } from './settings.js'

export const oauth2: OAuth2<typeof settings> = {
  kind: 'oauth2',
  strategy: 'facebook', // Its refusals come in a form of their own, which passport-facebook reads.
  authorize: `https://www.facebook.com/${VERSION}/dialog/oauth`,
  token: `${GRAPH}/oauth/access_token`,
  scopeJoin: ',',
  pkce: false,
  refresh: false,
  scopes: {
    public_profile: 'To show which account is connected',
    user_likes: 'To copy the list of Pages you like',
    user_photos: 'To copy the list of photos you uploaded',
    user_posts: 'To copy your posts',
  },
  // The first token lasts an hour or two, the exchanged one about 60 days.
  exchange: ({ clientId, clientSecret }, accessToken) => ({
    grant_type: 'fb_exchange_token',
    client_id: clientId,
    client_secret: clientSecret,
    fb_exchange_token: accessToken,
  }),
}
