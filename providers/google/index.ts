/**
 * Google: calendars, files, mail and YouTube of a person, each by its own API; people choose which.
 * Hard limits: 600 calendar calls and 300 messages a minute and person; YouTube gives 10,000 units a day to a whole project.
 */
import { defineProvider } from '../../src/provider/index.js'
import { calendarPart } from './browse-calendar.js'
import { drivePart } from './browse-drive.js'
import { browseOf } from './browse.js'
import { calendars } from './calendars.js'
import { channelsOf } from './channels.js'
import { classify } from './classify.js'
import { emails } from './emails.js'
import { events } from './events.js'
import { files } from './files.js'
import { GMAIL_HOST } from './gmail-api.js'
import { likes } from './likes.js'
import { CALENDAR_LIMITS, DRIVE_LIMITS, GMAIL_LIMITS, YOUTUBE_LIMITS } from './limits.js'
import { presets } from './presets.js'
import { GOOGLE_REASONS } from './scopes.js'
import { settings } from './settings.js'
import { googleAccount, googleOAuth2, IDENTITY_HOST, OAUTH_HOST, revokeGoogle } from './sign-in.js'
import { subscriptions } from './subscriptions.js'
import { watchedCalendars, watchedEvents, watchedFiles } from './watched.js'

export const provider = defineProvider({
  id: 'google',
  label: 'Google',
  description: 'Your calendars, files, emails, YouTube subscriptions and likes: those that you choose.',
  category: 'personal',
  homepage: 'https://google.com',
  icon: 'icon.svg',
  docs: 'https://developers.google.com/identity/protocols/oauth2/web-server',
  presets,
  revision: 1,
  hosts: ['www.googleapis.com', GMAIL_HOST, IDENTITY_HOST, OAUTH_HOST],
  settings,
  auth: [googleOAuth2(GOOGLE_REASONS)],
  limits: [...CALENDAR_LIMITS, ...DRIVE_LIMITS, ...GMAIL_LIMITS, ...YOUTUBE_LIMITS],
  classify,
  account: googleAccount,
  revoke: revokeGoogle,
  streams: [calendars, events, files, emails, subscriptions, likes],
  browse: browseOf(calendarPart, drivePart),
  webhooks: channelsOf(watchedCalendars, watchedEvents, watchedFiles),
})
