/** What a broken twin of suite C is: a sound database with one thing wrong. */
import type { DevnetStorage } from './storage-on-devnet.js'
import type { StorageRuleId } from './storage.js'

export type Twist = (sound: DevnetStorage) => DevnetStorage

export interface Twin {
  readonly breaks: StorageRuleId
  readonly twist: Twist
}
