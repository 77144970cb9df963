/** What the template's `index.ts`, README and token fixture say for each way to connect; the template itself shows OAuth 2.0. */
import type { AuthKind } from '../provider/index.js'

export interface AuthTemplate {
  /** In the place of the template's `oauth2`. */
  readonly declaration: string
  /** Its type, and whether it has scopes and answers of a token endpoint. */
  readonly type: string
  readonly hasScopes: boolean
  /** Asked from people, as README explains it. */
  readonly asked: string
  /** Whether the operator sets up an application. */
  readonly hasClient: boolean
}

const SCOPES = `  scopes: {
    profile: 'To show which account is connected', // Read by people before they consent.
    'posts.read': 'To copy your posts',
  },
`
const KEY = `key: { kind: 'secret', label: 'API key', help: 'Where to find it at the service.' }`

/** OAuth 2.0 is what the template has: nothing is put in its place. */
export const authTemplates: Readonly<Record<Exclude<AuthKind, 'oauth2'>, AuthTemplate>> = {
  api_key: {
    type: 'ApiKey',
    declaration: `  kind: 'api_key',
  fields: {
    ${KEY},
  },
  key: 'key', // Sent as \`authorization: Bearer\`; \`send\` names another header.
`,
    hasScopes: false,
    asked: '**API key**: where people find it at the service.',
    hasClient: false,
  },
  basic: {
    type: 'Basic',
    declaration: `  kind: 'basic',
  fields: {
    user: { kind: 'text', label: 'User name', help: 'Where to find it at the service.' },
    password: { kind: 'secret', label: 'Password', help: 'Where to find it at the service.' },
  },
  username: 'user',
  password: 'password',
`,
    hasScopes: false,
    asked: '**User name** and **Password**: where people find them at the service.',
    hasClient: false,
  },
  client_credentials: {
    type: 'ClientCredentials<typeof settings>',
    declaration: `  kind: 'client_credentials',
  token: 'https://api.template.example/oauth/token',
${SCOPES}`,
    hasScopes: true,
    asked: 'People are asked for nothing: the application acts for itself.',
    hasClient: true,
  },
  service_account: {
    type: 'ServiceAccount',
    declaration: `  kind: 'service_account',
  fields: {
    json: { kind: 'secret', label: 'JSON key', help: 'Where to make one at the service.', multiline: true },
  },
  key: 'json',
  token: 'https://api.template.example/oauth/token',
${SCOPES}`,
    hasScopes: true,
    asked: '**JSON key**: where people make one at the service.',
    hasClient: false,
  },
  custom: {
    type: 'Custom',
    declaration: `  kind: 'custom',
  fields: {
    ${KEY},
  },
  // Pure. Or \`open\`, which signs in by calls of its own.
  headers: ({ secrets }) => ({ 'x-api-key': secrets['key'] ?? '' }),
`,
    hasScopes: false,
    asked: '**API key**: where people find it at the service.',
    hasClient: false,
  },
}

export const isAuthKind = (text: string): text is AuthKind => text === 'oauth2' || text in authTemplates

const NOT_REVOKED = 'The service has no call that ends access; people end it there.'

/** The template's `index.ts` for another way to connect. */
export function indexFor(text: string, kind: keyof typeof authTemplates): string {
  const { declaration, type, hasClient } = authTemplates[kind]
  const name = type.replace(/<.*/, '')
  const value = kind.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
  const settings = hasClient ? ' secret, text,' : ''
  return text
    .replace(
      /^import \{ defineProvider.*\n/m,
      `import { defineProvider, readAnswer,${settings} type ${name} } from '../../src/provider/index.js'\n`,
    )
    .replace(/^\/\/ What the operator sets[^]*?\n\}\n\n/m, (block) => (hasClient ? block : ''))
    .replace(/^const oauth2: [^]*?\n\}\n/m, `const ${value}: ${type} = {\n${declaration}}\n`)
    .replace('auth: [oauth2]', `auth: [${value}]`)
    .replace(/^ {2}settings,\n/m, hasClient ? '  settings,\n' : '  settings: {},\n')
    .replace(
      /^ {2}\/\/ Or, where the service has no such call[^]*?(?=^ {2}streams)/m,
      `  revoke: { unsupported: '${NOT_REVOKED}' },\n`,
    )
}

/** The template's README for another way to connect. */
export function readmeFor(text: string, kind: keyof typeof authTemplates): string {
  const { asked, hasScopes, hasClient } = authTemplates[kind]
  const register = hasClient ? /$^/ : /^1\. Where to make an application[^]*?(?=\n## Scopes)/m
  return text
    .replace(register, 'Nothing: accounts are connected by what people enter.\n')
    .replace('\n## Scopes', `\n${asked}\n\n## Scopes`)
    .replace(/^- `profile`[^]*?(?=\n## Rate)/m, (scopes) => (hasScopes ? scopes : 'There are none.\n'))
    .replace('## Known gaps\n\n', `## Known gaps\n\n- ${NOT_REVOKED}\n`)
}
