/** The providers of this node, in the order in which people see them; the one file outside a provider's folder that names it. */
import type { Provider } from '../src/provider/index.js'
import { provider as autodeskConstructionCloud } from './autodesk-construction-cloud/index.js'
import { provider as dropbox } from './dropbox/index.js'
import { provider as facebook } from './facebook/index.js'
import { provider as github } from './github/index.js'
import { provider as google } from './google/index.js'
import { provider as googleCalendar } from './google-calendar/index.js'
import { provider as googleDrive } from './google-drive/index.js'
import { provider as hubspot } from './hubspot/index.js'
import { provider as postgres } from './postgres/index.js'
import { provider as quickbooks } from './quickbooks/index.js'
import { provider as rest } from './rest/index.js'
import { provider as sage } from './sage/index.js'
import { provider as salesforce } from './salesforce/index.js'
import { provider as sandbox } from './sandbox/index.js'
import { provider as shopify } from './shopify/index.js'
import { provider as spotify } from './spotify/index.js'
import { provider as square } from './square/index.js'
import { provider as stripe } from './stripe/index.js'
import { provider as woocommerce } from './woocommerce/index.js'
import { provider as x } from './x/index.js'
import { provider as xero } from './xero/index.js'

export const providers: readonly Provider[] = [
  facebook,
  google,
  googleCalendar,
  googleDrive,
  dropbox,
  github,
  spotify,
  x,
  stripe,
  quickbooks,
  xero,
  sage,
  shopify,
  woocommerce,
  square,
  hubspot,
  salesforce,
  autodeskConstructionCloud,
  postgres,
  rest,
  sandbox,
]
