/** Reads WooCommerce's errors by their codes. https://woocommerce.github.io/woocommerce-rest-api-docs/#errors */
import { z, type Classified, type FailedAnswer } from '../../src/provider/index.js'

const failure = z.object({ code: z.string() })

export function classify({ status, json }: FailedAnswer): Classified | undefined {
  const { code = '' } = failure.safeParse(json).data ?? {}
  // The key is good, but its person or its permission does not reach this; WooCommerce says 401 or 403 for both.
  if ((status === 401 || status === 403) && /^woocommerce_rest_cannot_[a-z_]{1,40}$/.test(code))
    return { code: 'SCOPE_MISSING', detail: code }
  if (status === 401 && code === 'woocommerce_rest_authentication_error')
    return { code: 'TOKEN_REVOKED', detail: code }
  // WooCommerce is switched off, or permalinks are plain.
  if (status === 404 && code === 'rest_no_route') return { code: 'PROVIDER_CHANGED', detail: code }
  return undefined
}
