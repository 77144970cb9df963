/** The contract that providers are written against; a provider imports nothing else of ours. */
export { z } from 'zod'
export { NodeError } from '../errors.js'
export { Redacted, reveal } from '../lib/redacted.js'
export type { Json, JsonObject } from '../lib/canonical-json.js'
export { parseExactJson } from '../lib/exact-json.js'
export { deliveryJson, hmacHex, hmacMatches } from './signing.js'
export type {
  ApiKey,
  Auth,
  AuthKind,
  Basic,
  ClientCredentials,
  Custom,
  FromSettings,
  OAuth2,
  ServiceAccount,
  Tokens,
} from './auth.js'
export type {
  Browse,
  BrowseContext,
  BrowsedItem,
  BrowsePage,
  Comment,
  CommentQuery,
  Container,
  ContainerQuery,
  ItemFilter,
  ItemQuery,
} from './browse.js'
export {
  enabledProvider,
  isUsable,
  NO_RULES,
  rulesOf,
  usableProvider,
  type Catalog,
  type CatalogEntry,
  type ProviderLimits,
  type ProviderRules,
  type UsableProvider,
} from './catalog.js'
export {
  authOfKind,
  authOfTokens,
  defineProvider,
  type CallContext,
  type Classified,
  type Preset,
  type Provider,
  type ProviderFacts,
  type RateBudget,
  type RateHeaders,
  type Revoke,
} from './define-provider.js'
export {
  changedSince,
  type ChangedSince,
  type ChangedSinceCursor,
  type ChangesPage,
  type Position,
} from './cursors/changed-since.js'
export { newestFirst, type NewestFirst, type NewestFirstCursor } from './cursors/newest-first.js'
export type { Listed, StreamPart } from './cursors/stream-part.js'
export { syncToken, type SyncToken, type SyncTokenCursor, type TokenPage } from './cursors/sync-token.js'
export { excerpt } from './excerpt.js'
export {
  NO_FIELDS,
  type ChoiceField,
  type Field,
  type FieldsShape,
  type FieldValues,
  type HostField,
  type OriginField,
  type SecretField,
  type TextField,
  type ToldField,
} from './fields.js'
export {
  isToldValue,
  originOfField,
  privateOrigins,
  readHost,
  readOrigin,
  serverOfField,
  type ServerAddress,
} from './field-addresses.js'
export type {
  FailedAnswer,
  HttpAnswer,
  HttpBody,
  HttpDownload,
  HttpOptions,
  HttpQuery,
  ProviderHttp,
} from './http.js'
export {
  currencyCode,
  currencyDigits,
  decimal,
  decimalText,
  minorToDecimal,
  minorUnits,
  moneyText,
} from './money.js'
export { filled, postalAddress, type AddressParts } from './postal-address.js'
export { readAnswer } from './read-answer.js'
export { basicAuthorization, revokeToken } from './revoke-token.js'
export {
  origin,
  secret,
  settingName,
  text,
  type Setting,
  type SettingsOf,
  type SettingsShape,
} from './settings.js'
export {
  defineStream,
  skip,
  type ContentOffer,
  type FileContent,
  type Account,
  type AnyStream,
  type Draft,
  type FetchContext,
  type Page,
  type Skip,
  type Stream,
} from './stream.js'
export type {
  Delivery,
  DeliveryEvent,
  DeliverySecrets,
  Registration,
  RegistrationWish,
  Verdict,
  Webhooks,
} from './webhooks.js'
