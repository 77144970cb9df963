/** The walls of the tree: who may import whom. Each rule says why in `comment`. */
const only = (name, comment, from, allowed) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: '^(src|providers|schemas)/', pathNot: allowed },
})
const alone = (name, comment, packages, folders) => ({
  name,
  comment,
  severity: 'error',
  from: { path: '^(src|providers|schemas)/', pathNot: folders },
  to: { path: packages },
})

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    only('lib-is-a-leaf', 'leaves import nothing of ours', '^src/lib/', '^src/lib/|^src/errors\\.ts$'),
    only('errors-is-a-leaf', 'the error table imports nothing', '^src/errors\\.ts$', '^$'),
    only('schemas-is-a-leaf', 'pinned schemas import nothing', '^schemas/', '^schemas/'),
    only(
      'provider-contract',
      'the contract stands on the leaves',
      '^src/provider/',
      '^src/(provider|lib)/|^src/errors\\.ts$|^schemas/',
    ),
    only(
      'providers-stay-home',
      "a provider imports the contract, its own folder and its family's (`google` for `google-drive`): one service, one way to sign in and to fail",
      '^providers/(([^/-]+)[^/]*)/',
      '^src/provider/|^providers/($1|$2)/',
    ),
    only(
      'outbound',
      'the HTTP client knows the contract only',
      '^src/outbound/',
      '^src/(outbound|provider|lib)/|^src/errors\\.ts$',
    ),
    only(
      'store',
      'the database knows nothing above it',
      '^src/store/',
      '^src/(store|lib)/|^src/errors\\.ts$',
    ),
    only(
      'credentials',
      'sealing and tokens stand on the store',
      '^src/credentials/',
      '^src/(credentials|store|outbound|provider|lib)/|^src/errors\\.ts$',
    ),
    only(
      'connect',
      'connecting never syncs',
      '^src/connect/',
      '^src/(connect|credentials|store|outbound|provider|lib)/|^src/errors\\.ts$',
    ),
    only(
      'sync',
      'the pipeline knows no destination, surface or provider',
      '^src/sync/',
      '^src/(sync|credentials|store|outbound|provider|lib)/|^src/webhooks/outbound/events\\.ts$|^src/errors\\.ts$|^schemas/',
    ),
    only(
      'vault',
      'the vault destination implements what sync declares',
      '^src/vault/',
      '^src/(vault|sync|store|provider|lib)/|^src/errors\\.ts$|^schemas/',
    ),
    only(
      'tables',
      'the tables destination implements what sync declares',
      '^src/tables/',
      '^src/(tables|sync|credentials|store|lib)/|^src/errors\\.ts$',
    ),
    only(
      'connectors',
      'tenants manage; runs are made elsewhere',
      '^src/connectors/',
      '^src/(connectors|connect|credentials|outbound|provider|store|sync|tables|lib)/|^src/webhooks/outbound/events\\.ts$|^src/errors\\.ts$',
    ),
    only(
      'webhooks-out',
      'events are told by others and delivered here',
      '^src/webhooks/outbound/',
      '^src/webhooks/outbound/|^src/(credentials|store|outbound|lib)/|^src/errors\\.ts$',
    ),
    only(
      'mail',
      'mails are written and sent; why is not known here',
      '^src/mail/',
      '^src/(mail|web|lib)/|^src/errors\\.ts$',
    ),
    only(
      'calendars',
      'calendars of subaccounts stand on connectors and mail',
      '^src/calendars/',
      '^src/(calendars|connectors|mail|credentials|provider|store|lib)/|^src/errors\\.ts$',
    ),
    only(
      'jobs',
      'the queue knows when a sync runs, not what it does',
      '^src/jobs/',
      '^src/(jobs|store|lib)/|^src/errors\\.ts$',
    ),
    only(
      'api',
      'surfaces are thin',
      '^src/api/',
      '^src/(api|calendars|connect|connectors|jobs|webhooks|sync|store|provider|credentials|web|lib)/|^src/errors\\.ts$|^schemas/|^src/config\\.ts$',
    ),
    only(
      'client',
      'the client takes types of the operations and nothing that runs',
      '^src/client/',
      '^src/(client|api/openapi)/|^src/errors\\.ts$|^src/lib/file-content\\.ts$',
    ),
    only('web', 'pages know no domain', '^src/web/', '^src/(web|lib)/'),
    only(
      'devnet',
      'the local network imitates others and knows nothing of the node',
      '^src/devnet/',
      '^src/(devnet|lib)/|^src/errors\\.ts$|^schemas/',
    ),
    {
      name: 'providers-list',
      comment: 'only the composition root and the commands know the list of providers',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(main\\.ts|compose\\.ts|cli/)' },
      to: { path: '^providers/' },
    },
    alone(
      'sql-alone',
      "only store/ speaks SQL, and the provider whose service speaks nothing else: pg's client alone",
      'node_modules/(kysely|@electric-sql)/',
      '^src/store/',
    ),
    alone('pg-alone', 'as sql-alone', 'node_modules/pg/', '^src/store/|^providers/postgres/'),
    alone(
      'verida-alone',
      'only vault/ and devnet/ load Verida and PouchDB',
      'node_modules/(@verida|pouchdb[^/]*|@ethersproject)/',
      '^src/(vault|devnet)/',
    ),
    alone('mail-alone', 'only mail/ sends mail', 'node_modules/nodemailer/', '^src/mail/'),
    alone('queue-alone', 'only jobs/ knows the queue', 'node_modules/pg-boss/', '^src/jobs/'),
    alone(
      'express-alone',
      'only surfaces know Express',
      'node_modules/express/',
      '^src/(api|connect|devnet)/|^src/(app|surfaces|tenant-surfaces)\\.ts$',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}
