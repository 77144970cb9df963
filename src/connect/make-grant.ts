/** Makes a grant of fresh tokens: its row, the connection's row, and the two capsules that the Vault will keep. */
import { randomBytes } from 'node:crypto'
import { accountHashes } from '../credentials/account-hash.js'
import { sealCapsules, type Capsules } from '../credentials/capsule.js'
import { sealGrantTokens } from '../credentials/grant-tokens.js'
import type { Account, Tokens } from '../provider/index.js'
import { connections, grants, type Connection } from '../store/index.js'
import type { ConnectPorts } from './ports.js'
import type { SignIn } from './sign-ins.js'

export interface NewGrant {
  readonly signIn: SignIn
  readonly tokens: Tokens
  readonly account: Account
}

export async function makeGrant(
  ports: ConnectPorts,
  { signIn, tokens, account }: NewGrant,
): Promise<Capsules> {
  const { store, ring, secrets, clock } = ports
  const { provider, did, keyFingerprint } = signIn
  const grantId = randomBytes(16).toString('base64url')
  const content = { grantSecret: randomBytes(32), generation: grants.FIRST_GENERATION, tokens, account }
  const capsules = sealCapsules(ring, {
    provider,
    did,
    grantId,
    ...(keyFingerprint !== null && { fingerprint: keyFingerprint }),
    content,
  })
  const known = await knownConnection(ports, signIn, account)
  const accountHash = known?.accountHash ?? hashesOf(ports, signIn, account)[0]
  const nowMs = clock.now()
  const nodeSecret = secrets.secret(secrets.current)
  await store.transaction(async (tx) => {
    await grants.create(tx, {
      id: grantId,
      provider,
      did,
      accountHash,
      keyFingerprint,
      // Too large for a URL: the capsules only name them (protocol.md 4.5).
      ...(capsules.kind === 'reference' && {
        tokensSealed: sealGrantTokens({ nodeSecret, grantId }, content),
      }),
      nowMs,
    })
    await connections.upsert(tx, {
      owner: did,
      provider,
      accountHash,
      custody: 'vault',
      destination: 'vault',
      status: known?.status === 'active' ? 'active' : 'tested',
      nowMs,
    })
  })
  return capsules
}

const hashesOf = ({ secrets }: ConnectPorts, { provider }: SignIn, { id }: Account) =>
  accountHashes(secrets, { provider, accountId: id })

/** The same account connected before, perhaps under an older secret: it stays one connection. */
async function knownConnection(
  ports: ConnectPorts,
  signIn: SignIn,
  account: Account,
): Promise<Connection | undefined> {
  const { provider, did } = signIn
  const found = hashesOf(ports, signIn, account).map((hash) =>
    connections.find(ports.store.db, did, provider, hash),
  )
  return (await Promise.all(found)).find((row) => row !== undefined)
}
