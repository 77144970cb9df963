/** The list of pinned schema files; each is named after its URI: `<host>/<path>-v<version>.json`. A new file needs its line here. */
import activityHistory from './common/activity/history-v0.1.0.json' with { type: 'json' }
import document from './common/document-v0.1.0.json' with { type: 'json' }
import favourite from './common/favourite-v0.1.0.json' with { type: 'json' }
import file from './common/file-v0.1.0.json' with { type: 'json' }
import mediaPlaylist from './common/media/playlist-v0.1.0.json' with { type: 'json' }
import profileBasicProfile from './common/profile/basicProfile-v0.1.0.json' with { type: 'json' }
import socialCalendar from './common/social/calendar-v0.1.0.json' with { type: 'json' }
import socialChatGroup from './common/social/chat/group-v0.1.0.json' with { type: 'json' }
import socialChatMessage from './common/social/chat/message-v0.1.0.json' with { type: 'json' }
import socialContact from './common/social/contact-v0.1.0.json' with { type: 'json' }
import socialEmail from './common/social/email-v0.1.0.json' with { type: 'json' }
import socialEvent from './common/social/event-v0.1.0.json' with { type: 'json' }
import socialFollowing from './common/social/following-v0.1.0.json' with { type: 'json' }
import socialMeetingTranscript from './common/social/meeting-transcript-v0.1.0.json' with { type: 'json' }
import socialPost from './common/social/post-v0.1.0.json' with { type: 'json' }
import coreBase from './core/base-v0.1.0.json' with { type: 'json' }
import securityKeySymmetric from './core/security/key/symmetric-v0.1.0.json' with { type: 'json' }
import storageDatabase from './core/storage/database-v0.1.0.json' with { type: 'json' }
import commerceCustomer from './own/commerce/customer-v0.1.0.json' with { type: 'json' }
import commerceOrder from './own/commerce/order-v0.1.0.json' with { type: 'json' }
import commerceProduct from './own/commerce/product-v0.1.0.json' with { type: 'json' }
import crmCompany from './own/crm/company-v0.1.0.json' with { type: 'json' }
import crmDeal from './own/crm/deal-v0.1.0.json' with { type: 'json' }
import dataRow from './own/data/row-v0.1.0.json' with { type: 'json' }
import fileChunk from './own/file/chunk-v0.1.0.json' with { type: 'json' }
import financeAccount from './own/finance/account-v0.1.0.json' with { type: 'json' }
import financeContact from './own/finance/contact-v0.1.0.json' with { type: 'json' }
import financeInvoice from './own/finance/invoice-v0.1.0.json' with { type: 'json' }
import financePayment from './own/finance/payment-v0.1.0.json' with { type: 'json' }
import valueAddress from './own/value/address-v0.1.0.json' with { type: 'json' }
import valueCurrency from './own/value/currency-v0.1.0.json' with { type: 'json' }
import valueDecimal from './own/value/decimal-v0.1.0.json' with { type: 'json' }
import valueTime from './own/value/time-v0.1.0.json' with { type: 'json' }
import dataConnectionsActivityLog from './vault/data-connections/activity-log-v0.1.0.json' with { type: 'json' }
import dataConnectionsActivityLogV02 from './vault/data-connections/activity-log-v0.2.0.json' with { type: 'json' }
import dataConnectionsConnection from './vault/data-connections/connection-v0.1.0.json' with { type: 'json' }
import dataConnectionsConnectionV02 from './vault/data-connections/connection-v0.2.0.json' with { type: 'json' }
import dataConnectionsConnectionV03 from './vault/data-connections/connection-v0.3.0.json' with { type: 'json' }
import dataConnectionsProfile from './vault/data-connections/profile-v0.1.0.json' with { type: 'json' }
import dataConnectionsSource from './vault/data-connections/source-v0.1.0.json' with { type: 'json' }
import dataConnectionsSyncPosition from './vault/data-connections/sync-position-v0.1.0.json' with { type: 'json' }
import dataConnectionsSyncPositionV02 from './vault/data-connections/sync-position-v0.2.0.json' with { type: 'json' }
import dataConnectionsSyncRequest from './vault/data-connections/sync-request-v0.1.0.json' with { type: 'json' }

/** Every pinned schema, as its file says it. */
export const pinnedFiles = [
  activityHistory,
  document,
  favourite,
  file,
  mediaPlaylist,
  profileBasicProfile,
  socialCalendar,
  socialChatGroup,
  socialChatMessage,
  socialContact,
  socialEmail,
  socialEvent,
  socialFollowing,
  socialMeetingTranscript,
  socialPost,
  coreBase,
  securityKeySymmetric,
  storageDatabase,
  commerceCustomer,
  commerceOrder,
  commerceProduct,
  crmCompany,
  crmDeal,
  dataRow,
  fileChunk,
  financeAccount,
  financeContact,
  financeInvoice,
  financePayment,
  valueAddress,
  valueCurrency,
  valueDecimal,
  valueTime,
  dataConnectionsActivityLog,
  dataConnectionsActivityLogV02,
  dataConnectionsConnection,
  dataConnectionsConnectionV02,
  dataConnectionsConnectionV03,
  dataConnectionsProfile,
  dataConnectionsSource,
  dataConnectionsSyncPosition,
  dataConnectionsSyncPositionV02,
  dataConnectionsSyncRequest,
] as const
