/** Keys of the ring and what they hold, for the composition root and the commands. */
export { createKeyService, type KeyService, type Resealed } from './key-service.js'
export { readKeyStatus, type KeyState } from './key-status.js'
