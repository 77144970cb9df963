/** What a person tells of an interface, and the header that signs in to it. */
import {
  Redacted,
  reveal,
  type Custom,
  type FieldsShape,
  type FieldValues,
} from '../../src/provider/index.js'

/** RFC 6901, to the whole answer where it is empty. */
const POINTER = '(?:/(?:[^~/]|~[01])*)*'

const fields = {
  url: {
    kind: 'origin',
    label: 'Address',
    help: 'With https and without a path.',
    example: 'https://api.example.com',
  },
  path: {
    kind: 'text',
    label: 'Path',
    help: 'Of the list, with its parameters. Keys do not belong here: addresses are written into logs on the way.',
    pattern: '/[^\\s#\\\\]{0,1000}',
    example: '/v1/contacts?status=active',
  },
  collection: {
    kind: 'text',
    label: 'Name of the list',
    help: 'Written into each record.',
    fallback: 'items',
  },
  method: {
    kind: 'choice',
    label: 'Sign-in',
    help: 'How calls say who makes them.',
    choices: {
      none: 'None',
      bearer: 'Bearer token',
      header: 'Key in a header',
      basic: 'User name and password',
    },
    fallback: 'none',
  },
  header: {
    kind: 'text',
    label: 'Header of the key',
    help: 'With “Key in a header” only.',
    pattern: '[Xx]-[A-Za-z0-9-]{1,60}|[Aa]uthorization|[Aa]pi-?[Kk]ey',
    fallback: 'x-api-key',
  },
  username: {
    kind: 'text',
    label: 'User name',
    help: 'With “User name and password” only.',
    optional: true,
  },
  secret: {
    kind: 'secret',
    label: 'Token, key or password',
    help: 'Of the service; one that may only read is best.',
    optional: true,
  },
  items: {
    kind: 'text',
    label: 'Items',
    help: 'JSON pointer to the list in the answer; empty when the answer is the list.',
    pattern: POINTER,
    optional: true,
    example: '/data',
  },
  id: {
    kind: 'text',
    label: 'Id',
    help: 'JSON pointer to the id in an item.',
    pattern: POINTER,
    fallback: '/id',
  },
  title: {
    kind: 'text',
    label: 'Title',
    help: 'JSON pointer to a short text in an item; else its id.',
    pattern: POINTER,
    optional: true,
    example: '/name',
  },
  created: {
    kind: 'text',
    label: 'Time of creation',
    help: 'JSON pointer in an item to a date, or to seconds or milliseconds since 1970.',
    pattern: POINTER,
    optional: true,
    example: '/created_at',
  },
  changed: {
    kind: 'text',
    label: 'Time of change',
    help: 'As the time of creation.',
    pattern: POINTER,
    optional: true,
    example: '/updated_at',
  },
  paging: {
    kind: 'choice',
    label: 'Pages',
    help: 'How the next page is asked for.',
    choices: {
      none: 'One page only',
      link: 'A link in the answer',
      header: 'A Link header',
      cursor: 'A cursor in the answer, sent back as a parameter',
      page: 'Numbers from 1 on, up to an empty page',
    },
    fallback: 'none',
  },
  next: {
    kind: 'text',
    label: 'Next page',
    help: 'JSON pointer to the link or the cursor.',
    pattern: POINTER,
    optional: true,
    example: '/links/next',
  },
  parameter: {
    kind: 'text',
    label: 'Parameter of the page',
    help: 'That takes the cursor or the number.',
    pattern: '[A-Za-z0-9_.\\[\\]-]{1,64}',
    fallback: 'page',
  },
} as const satisfies FieldsShape

export const custom: Custom = { kind: 'custom', fields, headers: signedIn }

function signedIn({ texts, secrets }: FieldValues): Readonly<Record<string, Redacted>> {
  const secret = secrets['secret'] === undefined ? '' : reveal(secrets['secret'])
  switch (texts['method']) {
    case 'bearer':
      return { authorization: new Redacted(`Bearer ${secret}`) }
    case 'header':
      return { [(texts['header'] ?? 'x-api-key').toLowerCase()]: new Redacted(secret) }
    case 'basic': {
      const pair = Buffer.from(`${texts['username'] ?? ''}:${secret}`, 'utf8').toString('base64')
      return { authorization: new Redacted(`Basic ${pair}`) }
    }
    default:
      return {}
  }
}
