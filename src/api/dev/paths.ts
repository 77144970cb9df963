/** Addresses of the practice Vault. */

export const DEV_VAULT = '/dev/vault'
/** What VAULT_DEEP_LINK is when the node brings its own network: the deep link's path is the Vault's. */
export const DEV_DEEP_LINK = `${DEV_VAULT}/connection-success`
export const devConnectPath = (providerId: string): string => `${DEV_VAULT}/connect/${providerId}`
