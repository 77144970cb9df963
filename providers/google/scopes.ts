/** The scopes of Google's APIs that we use. https://developers.google.com/identity/protocols/oauth2/scopes */
export const CALENDARS = 'https://www.googleapis.com/auth/calendar.calendarlist.readonly'
export const EVENTS = 'https://www.googleapis.com/auth/calendar.events.readonly'
export const DRIVE = 'https://www.googleapis.com/auth/drive.readonly'
export const GMAIL = 'https://www.googleapis.com/auth/gmail.readonly'
export const YOUTUBE = 'https://www.googleapis.com/auth/youtube.readonly'

/** Whose account it is: no stream names them, so they are always asked for. */
export const IDENTITY = {
  openid: 'To tell your account from others',
  'https://www.googleapis.com/auth/userinfo.email': 'To show the address of the connected account',
  'https://www.googleapis.com/auth/userinfo.profile': 'To show the name of the connected account',
}

export const CALENDAR_REASONS = {
  [CALENDARS]: 'To copy the list of your calendars',
  [EVENTS]: 'To copy the events of your calendars',
}
export const DRIVE_REASONS = {
  [DRIVE]: 'To copy the list of your files, what is in them where that is wanted, and show their comments',
}
export const GMAIL_REASONS = { [GMAIL]: 'To copy your emails' }
export const YOUTUBE_REASONS = { [YOUTUBE]: 'To copy the channels you follow and the videos you like' }

export const GOOGLE_REASONS = {
  ...IDENTITY,
  ...CALENDAR_REASONS,
  ...DRIVE_REASONS,
  ...GMAIL_REASONS,
  ...YOUTUBE_REASONS,
}
