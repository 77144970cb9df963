/** The command `connector-node`: reads its arguments and gives the work to one file per command. */
import { readFileSync } from 'node:fs'
import { NodeError } from '../errors.js'
import { parseCommand, type Command } from './commands.js'

const USAGE = `connector-node <command>

  serve                       run the node (npm start); settings: .env.example
  demo [--json]               play a whole Vault's journey on this machine
  devnet [--nodes n] [--port p] [--folder f]
                              run a local Verida network by itself
  keys generate               make the secrets of a node
  receipt verify FILE         check receipts that a sync gave its owner
  verify DATABASE --key HEX   read a database on every storage node, and recompute its revisions
  export FILE, import FILE    the control plane as lines of JSON; into an empty store
  token --tenant T [--subject S] [--scopes a,b]
                              a token for the /v1 API of a development node
  new-provider ID             start a provider from the template
  provider check ID           run the provider suite over one folder

  --version, --help`

try {
  const command = parseCommand(process.argv.slice(2))
  process.exitCode = await run(command)
} catch (error) {
  if (!(error instanceof NodeError)) throw error
  console.error(error.detail ?? error.publicMessage)
  process.exitCode = 1
}

/** The exit code; `undefined` while servers go on. */
async function run(command: Command): Promise<number | undefined> {
  switch (command.name) {
    case 'help':
      console.log(USAGE)
      return command.asked ? 0 : 1
    case 'version':
      console.log(version())
      return 0
    case 'serve':
      return (await import('./serve.js')).serve(command)
    case 'demo':
      return (await import('./demo.js')).demo(command)
    case 'devnet':
      return (await import('./devnet.js')).devnet(command)
    case 'keys':
      return (await import('./keys.js')).generateKeys()
    case 'receipt':
      return (await import('./receipt.js')).verifyReceiptFile(command.file)
    case 'export':
      return (await import('./export.js')).exportToFile(command.file)
    case 'import':
      return (await import('./import.js')).importFromFile(command.file)
    case 'token':
      return (await import('./token.js')).mintToken(command)
    case 'verify':
      return (await import('./verify.js')).verifyDatabase(command)
    case 'new-provider':
      return (await import('./new-provider.js')).newProvider(command.id)
    case 'provider-check':
      return (await import('./check-provider.js')).checkProvider(command.id)
  }
}

function version(): string {
  for (const place of ['../../package.json', '../../../package.json']) {
    try {
      return (JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')) as { version: string })
        .version
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  throw new NodeError('CONFIG_INVALID', { detail: 'package.json is not beside the program' })
}
