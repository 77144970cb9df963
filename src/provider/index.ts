/** The contract that providers are written against; a provider imports nothing else of ours. */
export { z } from 'zod'
export { NodeError } from '../errors.js'
export { Redacted, reveal } from '../lib/redacted.js'
export type { Json, JsonObject } from '../lib/canonical-json.js'
export { hmacHex } from './signing.js'
export type { Auth, OAuth2, Tokens } from './auth.js'
export { usableProvider, type Catalog, type CatalogEntry, type UsableProvider } from './catalog.js'
export {
  defineProvider,
  type CallContext,
  type Classified,
  type Provider,
  type ProviderFacts,
  type RateBudget,
} from './define-provider.js'
export { excerpt } from './excerpt.js'
export type { FailedAnswer, HttpAnswer, HttpBody, HttpOptions, HttpQuery, ProviderHttp } from './http.js'
export { readAnswer } from './read-answer.js'
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
  type Account,
  type AnyStream,
  type Draft,
  type FetchContext,
  type Page,
  type Skip,
  type Stream,
} from './stream.js'
