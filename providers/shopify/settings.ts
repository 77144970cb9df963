/** The application in Shopify's Dev Dashboard. */
import { secret, text } from '../../src/provider/index.js'

export const settings = {
  clientId: text({ help: 'Client ID of the app: Dev Dashboard > Apps > the app > Settings.' }),
  clientSecret: secret({ help: 'Secret of the app, on the same page; it also signs deliveries.' }),
}
