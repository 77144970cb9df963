/** The permissions of the service, with the words shown to people. */

export const scopeTexts = {
  profile: { title: 'Your name and picture', detail: 'So that you can see which account is connected' },
  posts: { title: 'Your posts', detail: 'What you wrote, with photos and links' },
  followings: { title: 'Who you follow', detail: 'The people and pages on your list' },
  files: {
    title: 'Your file list',
    detail: 'Names, types and sizes, not the contents',
  },
  calendar: { title: 'Your calendars', detail: 'Calendars and their events, with guests' },
} as const

export type Scope = keyof typeof scopeTexts

export function isScope(text: string): text is Scope {
  return Object.hasOwn(scopeTexts, text)
}
