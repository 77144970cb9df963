/** The command `connector-node`: reads its arguments and gives the work to one file per command. */
import { NodeError } from '../errors.js'
import { packageVersion } from '../version.js'
import { parseCommand, type Command } from './commands.js'

const USAGE = `connector-node <command>

  serve                       run the node (npm start); settings: .env.example
  demo [--json]               play a whole Vault's journey on this machine
  devnet [--nodes n] [--port p] [--folder f]
                              run a local Verida network by itself
  migrate                     bring the database to this version; on a server by DATABASE_ADMIN_URL
  keys generate               make the secrets of a node
  keys rotate                 put a new key on the ring; a running node takes it up by itself
  keys status [--json] [--url U]
                              which keys seal how many values; of a running embedded node by OPERATOR_TOKEN
  keys drop ID                take a key off the ring that seals nothing any more
  keys import-fernet FILE [--key-file F] [--dry-run]
                              connectors of another system, whose credentials are Fernet tokens
  receipt verify FILE         check receipts that a sync gave its owner
  verify DATABASE --key HEX   read a database on every storage node, and recompute its revisions
  audit verify [--tenant T]   whether every row of the audit log is as it was written
  export FILE, import FILE    the control plane as lines of JSON; into an empty store
  connections list [--json]   file connections of a running node (CONNECTOR_URL, CONNECTOR_TOKEN), as /status tells them
  connections add FILE        add those of a YAML file
  connections add --type T --name N [--project P] [--description D] [--every MINUTES | --cron LINE]
              [--files '*.pdf,image/*'] [--most N] [--tags a,b]
                              add one; of google_drive with CONNECTOR_GOOGLE_DRIVE_CREDENTIALS_PATH
  connections test [ID|--type T], connections sync ID|--type T|--all
  token --tenant T [--subject S] [--scopes a,b]
                              a token for the /v1 API of a development node
  new-provider ID [--auth KIND] [--stream NAME]
                              start a provider from the template
  provider check ID|--all     run the provider suite over one folder, or over all
  provider dry-run ID [--stream NAME] [--pages N]
                              a live account's records, and what the schema refuses; writes nothing
  provider record ID [--pages N]
                              a live account's answers as scrubbed fixtures
  provider list [--json]      what each provider offers, and how long its index.ts is
  provider docs ID|--all      what docs/PROVIDERS.md says of it

  --version, --help`

try {
  const command = parseCommand(process.argv.slice(2))
  process.exitCode = await run(command)
} catch (error) {
  if (!(error instanceof NodeError)) throw error
  console.error(error.explanation)
  process.exitCode = 1
}

/** The exit code; `undefined` while servers go on. */
async function run(command: Command): Promise<number | undefined> {
  switch (command.name) {
    case 'help':
      console.log(USAGE)
      return command.asked ? 0 : 1
    case 'version':
      console.log(packageVersion())
      return 0
    case 'serve':
      return (await import('./serve.js')).serve(command)
    case 'demo':
      return (await import('./demo.js')).demo(command)
    case 'devnet':
      return (await import('./devnet.js')).devnet(command)
    case 'migrate':
      return (await import('./migrate.js')).migrate()
    case 'keys':
      return (await import('./keys.js')).keys(command)
    case 'receipt':
      return (await import('./receipt.js')).verifyReceiptFile(command.file)
    case 'export':
      return (await import('./export.js')).exportToFile(command.file)
    case 'import':
      return (await import('./import.js')).importFromFile(command.file)
    case 'token':
      return (await import('./token.js')).mintToken(command)
    case 'connections':
      return (await import('./connections.js')).connections(command)
    case 'audit-verify':
      return (await import('./audit.js')).verifyAuditLog(command.tenant)
    case 'verify':
      return (await import('./verify.js')).verifyDatabase(command)
    case 'new-provider':
      return (await import('./new-provider.js')).newProvider(command.id, command)
    case 'provider-check':
      return (await import('./check-provider.js')).checkProvider(command.id)
    case 'provider-list':
      return (await import('./list-providers.js')).listProviders(command)
    case 'provider-dry-run':
      return (await import('./dry-run.js')).dryRun(command.id, command)
    case 'provider-record':
      return (await import('./record-provider.js')).recordProvider(command.id, command)
    case 'provider-docs':
      return (await import('./provider-docs.js')).printProviderDocs(command.id)
  }
}
