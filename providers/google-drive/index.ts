/**
 * Google Drive alone: the files of a person or of a service account, in My Drive and in shared drives.
 * Hard limits: 325,000 units a minute for each person, a page of a list costs 100 of them.
 */
import { defineProvider } from '../../src/provider/index.js'
import { drivePart } from '../google/browse-drive.js'
import { browseOf } from '../google/browse.js'
import { channelsOf } from '../google/channels.js'
import { classify } from '../google/classify.js'
import { files } from '../google/files.js'
import { DRIVE_LIMITS } from '../google/limits.js'
import { DRIVE_REASONS } from '../google/scopes.js'
import { settings } from '../google/settings.js'
import { googleOAuth2, OAUTH_HOST } from '../google/sign-in.js'
import { watchedFiles } from '../google/watched.js'
import { driveAccount, revokeDrive, serviceAccount } from './sign-in.js'

export const provider = defineProvider({
  id: 'google-drive',
  label: 'Google Drive',
  description: 'The list of your files, in My Drive and in shared drives.',
  category: 'storage',
  homepage: 'https://drive.google.com',
  icon: 'icon.svg',
  docs: 'https://developers.google.com/workspace/drive/api/guides/about-sdk',
  presets: [
    {
      id: 'file-sync',
      label: 'File sync',
      description: 'The list of files, every five minutes.',
      syncFrequency: 'every 5 minutes',
    },
  ],
  revision: 1,
  hosts: ['www.googleapis.com', OAUTH_HOST],
  settings,
  auth: [googleOAuth2(DRIVE_REASONS), serviceAccount],
  limits: DRIVE_LIMITS,
  classify,
  account: driveAccount,
  revoke: revokeDrive,
  streams: [files],
  browse: browseOf(drivePart),
  webhooks: channelsOf(watchedFiles),
})
