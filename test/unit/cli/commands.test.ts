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
    [['keys', 'generate'], { name: 'keys' }],
    [['receipt', 'verify', 'a.json'], { name: 'receipt', file: 'a.json' }],
    [['verify', 'db', '--key', KEY], { name: 'verify', database: 'db', key: KEY }],
    [['new-provider', 'strava'], { name: 'new-provider', id: 'strava' }],
    [['provider', 'check', 'strava'], { name: 'provider-check', id: 'strava' }],
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
    [['keys'], 'keys generate'],
    [['provider', 'check'], 'provider check ID'],
  ])('refuses %j and says why', (args, detail) => {
    expect(() => parseCommand(args)).toThrow(detail)
  })
})
