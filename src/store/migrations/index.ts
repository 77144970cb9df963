/** Every migration in order. A name is never changed, a released text never edited: a change is a new file. */
import { journey } from './0001-journey.js'
import { tenants } from './0002-tenants.js'
import { webhooksOut } from './0003-webhooks-out.js'
import { signInDetails } from './0004-sign-in-details.js'
import { ownedConnectors } from './0005-owned-connectors.js'
import { providerSettings } from './0006-provider-settings.js'
import { fileConnections } from './0007-file-connections.js'
import { calendars } from './0008-calendars.js'
import { webhooksIn } from './0009-webhooks-in.js'
import { auditChain } from './0010-audit-chain.js'
import { deliveryCounts } from './0011-delivery-counts.js'
import { fileContents } from './0012-file-contents.js'

/** SQL text by name. */
export const migrations: Readonly<Record<string, string>> = {
  '0001-journey': journey,
  '0002-tenants': tenants,
  '0003-webhooks-out': webhooksOut,
  '0004-sign-in-details': signInDetails,
  '0005-owned-connectors': ownedConnectors,
  '0006-provider-settings': providerSettings,
  '0007-file-connections': fileConnections,
  '0008-calendars': calendars,
  '0009-webhooks-in': webhooksIn,
  '0010-audit-chain': auditChain,
  '0011-delivery-counts': deliveryCounts,
  '0012-file-contents': fileContents,
}
