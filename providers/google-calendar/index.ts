/**
 * Google Calendar alone: calendars and events, for applications that want nothing else of Google.
 * Hard limits: 600 calls a minute for each person, 10,000 for a project; a sync token that is too old means reading anew.
 */
import { defineProvider } from '../../src/provider/index.js'
import { calendarPart } from '../google/browse-calendar.js'
import { browseOf } from '../google/browse.js'
import { calendars } from '../google/calendars.js'
import { channelsOf } from '../google/channels.js'
import { classify } from '../google/classify.js'
import { events } from '../google/events.js'
import { CALENDAR_LIMITS } from '../google/limits.js'
import { CALENDAR_REASONS, IDENTITY } from '../google/scopes.js'
import { settings } from '../google/settings.js'
import { googleAccount, googleOAuth2, IDENTITY_HOST, OAUTH_HOST, revokeGoogle } from '../google/sign-in.js'
import { watchedCalendars, watchedEvents } from '../google/watched.js'

export const provider = defineProvider({
  id: 'google-calendar',
  label: 'Google Calendar',
  description: 'Your calendars and their events.',
  category: 'personal',
  homepage: 'https://calendar.google.com',
  icon: 'icon.svg',
  docs: 'https://developers.google.com/workspace/calendar/api/guides/overview',
  presets: [
    {
      id: 'hourly',
      label: 'Every hour',
      description: 'Calendars and events, read anew each hour.',
      syncFrequency: 'hourly',
    },
  ],
  revision: 1,
  hosts: ['www.googleapis.com', IDENTITY_HOST, OAUTH_HOST],
  settings,
  auth: [googleOAuth2({ ...IDENTITY, ...CALENDAR_REASONS })],
  limits: CALENDAR_LIMITS,
  classify,
  account: googleAccount,
  revoke: revokeGoogle,
  streams: [calendars, events],
  browse: browseOf(calendarPart),
  webhooks: channelsOf(watchedCalendars, watchedEvents),
})
