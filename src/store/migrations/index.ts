/** Every migration in order. A name is never changed, a released text never edited: a change is a new file. */
import { journey } from './0001-journey.js'
import { tenants } from './0002-tenants.js'

/** SQL text by name. */
export const migrations: Readonly<Record<string, string>> = {
  '0001-journey': journey,
  '0002-tenants': tenants,
}
