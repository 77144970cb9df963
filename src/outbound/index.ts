/** One HTTP client for all services: declared hosts, checked addresses, caps, budgets, redaction. */
export { answerJson, failedAnswer } from './answer-json.js'
export { createBudgets, type Budgets, type Spender } from './budgets.js'
export { CAPS, type Caps } from './caps.js'
export { declaredHosts, type Connected, type DeclaredHosts, type FurtherHosts } from './declared-hosts.js'
export { exchange, type ExchangeOptions, type OutboundAnswer, type OutboundCall } from './exchange.js'
export { failureOf } from './failure.js'
export {
  guardedFetch,
  type GuardedFetch,
  type GuardedFetchOptions,
  type GuardedInit,
} from './guarded-fetch.js'
export { createNetwork, systemNetwork, type Network, type NetworkOptions, type Reach } from './network.js'
export { sendNotice, type Notice, type NoticeEnd } from './notice.js'
export { createProviderHttp, type ProviderHttpOptions, type TokenSource } from './provider-http.js'
