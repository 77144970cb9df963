/** The command line: what it understands, and what it says of what it does not. */
import { describe, expect, it } from 'vitest'
import { parseCommand } from '../../../src/cli/commands.js'

const KEY = 'ab'.repeat(32)

describe('the command line', () => {
  it.each([
    [['serve', '--pretty'], { name: 'serve', pretty: true }],
    [['demo', '--json'], { name: 'demo', json: true }],
    [['devnet'], { name: 'devnet', nodes: 2, port: 5030, folder: './data/devnet' }],
    [
      ['devnet', '--nodes', '3', '--port', '0', '--folder', 'x'],
      { name: 'devnet', nodes: 3, port: 0, folder: 'x' },
    ],
    [['migrate'], { name: 'migrate' }],
    [['keys', 'generate'], { name: 'keys', what: 'generate' }],
    [['keys', 'rotate'], { name: 'keys', what: 'rotate' }],
    [['keys', 'status', '--json'], { name: 'keys', what: 'status', json: true }],
    [['keys', 'drop', '0123456789ab'], { name: 'keys', what: 'drop', id: '0123456789ab' }],
    [
      ['keys', 'import-fernet', 'a.jsonl', '--dry-run', '--key-file', 'k'],
      { name: 'keys', what: 'import-fernet', file: 'a.jsonl', dryRun: true, keyFile: 'k' },
    ],
    [['receipt', 'verify', 'a.json'], { name: 'receipt', file: 'a.json' }],
    [['connections', 'list', '--json'], { name: 'connections', what: 'list', json: true }],
    [['connections', 'add', 'a.yaml'], { name: 'connections', what: 'add', file: 'a.yaml', connection: {} }],
    [
      [
        'connections',
        'add',
        '--type',
        'google_drive',
        '--every',
        '15',
        '--files',
        'pdf, image/*',
        '--most',
        '9',
      ],
      {
        name: 'connections',
        what: 'add',
        connection: {
          endpoint_type: 'google_drive',
          interval_minutes: 15,
          file_types: ['pdf', 'image/*'],
          max_files_per_sync: 9,
        },
      },
    ],
    [['connections', 'test'], { name: 'connections', what: 'test' }],
    [['connections', 'test', '--type', 'x'], { name: 'connections', what: 'test', type: 'x' }],
    [['connections', 'sync', 'an-id'], { name: 'connections', what: 'sync', id: 'an-id' }],
    [['connections', 'sync', '--all'], { name: 'connections', what: 'sync' }],
    [['verify', 'db', '--key', KEY], { name: 'verify', database: 'db', key: KEY }],
    [['new-provider', 'strava'], { name: 'new-provider', id: 'strava', auth: 'oauth2', stream: 'posts' }],
    [
      ['new-provider', 'strava', '--auth', 'api_key', '--stream', 'rides'],
      { name: 'new-provider', id: 'strava', auth: 'api_key', stream: 'rides' },
    ],
    [['provider', 'check', 'strava'], { name: 'provider-check', id: 'strava' }],
    [['provider', 'check', '--all'], { name: 'provider-check' }],
    [['provider', 'docs', 'strava'], { name: 'provider-docs', id: 'strava' }],
    [['provider', 'docs', '--all'], { name: 'provider-docs' }],
    [['provider', 'list', '--json'], { name: 'provider-list', json: true }],
    [['provider', 'list'], { name: 'provider-list', json: false }],
    [['provider', 'dry-run', 'strava'], { name: 'provider-dry-run', id: 'strava', pages: 2 }],
    [
      ['provider', 'dry-run', 'strava', '--stream', 'rides', '--pages', '3'],
      { name: 'provider-dry-run', id: 'strava', pages: 3, stream: 'rides' },
    ],
    [['provider', 'record', 'strava'], { name: 'provider-record', id: 'strava', pages: 20 }],
    [['--version'], { name: 'version' }],
    [['serve', '--help'], { name: 'help', asked: true }],
    [[], { name: 'help', asked: false }],
  ])('understands %j', (args, command) => {
    expect(parseCommand(args)).toEqual(command)
  })
  it.each([
    [['frobnicate'], 'no command "frobnicate"'],
    [['serve', '--nope'], '--nope'],
    [['devnet', '--nodes', '10'], '--nodes must be a whole number from 1 to 9'],
    [['devnet', '--port', 'x'], '--port'],
    [['receipt', 'verify'], 'receipt verify FILE'],
    [['verify', 'db', '--key', 'short'], '64 hexadecimal'],
    [['connections'], 'connections list'],
    [['connections', 'add'], 'add --type T'],
    [['connections', 'sync'], 'sync ID|--type T|--all'],
    [['connections', 'add', '--type', 'x', '--most', '0'], '--most must be a whole number'],
    [['keys'], 'import-fernet FILE'],
    [['keys', 'drop'], 'keys drop ID'],
    [['provider', 'check'], 'provider check ID'],
    [['provider', 'docs'], 'provider docs ID'],
    [['provider', 'dry-run'], 'provider dry-run ID'],
    [['provider', 'record'], 'provider record ID'],
    [['provider', 'record', 'strava', '--pages', '0'], '--pages must be a whole number'],
    [['provider', 'erase'], 'provider check|docs ID'],
    [['new-provider', 'strava', '--auth', 'oauth1'], '--auth is one of oauth2'],
  ])('refuses %j and says why', (args, detail) => {
    expect(() => parseCommand(args)).toThrow(detail)
  })
})
