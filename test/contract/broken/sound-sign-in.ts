/** The shortest sound provider: accounts are connected and named, and nothing is copied. What it leaves out is the usual. */
import { defineProvider, readAnswer, z } from '../../../src/provider/index.js'

const me = z.object({ id: z.string(), name: z.string() })
const key = { kind: 'secret', label: 'API key', help: 'Found under Settings.' } as const

export const signInOnly = defineProvider({
  id: 'sound',
  label: 'Sound',
  description: 'Does everything right.',
  category: 'development',
  homepage: 'https://sound.example',
  hosts: ['api.sound.example'],
  auth: [{ kind: 'api_key', key: 'key', fields: { key } }],
  account: async (http) => readAnswer(me, await http.get('https://api.sound.example/me')),
  revoke: { unsupported: 'Keys are ended under Settings.' },
})
