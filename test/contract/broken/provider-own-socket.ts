/** Breaks A10: goes round the client that checks hosts. */
import { soundCase } from './sound-provider.js'

export const breaks = 'A10-hosts'
export const one = { ...soundCase, sources: { 'posts.ts': "import { request } from 'node:https'" } }
