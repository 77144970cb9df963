/** The tokens of one storage node: sign-in requests (a minute), refresh tokens (days, kept by id) and access tokens (minutes). */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Clock } from '../../lib/clock.js'
import { EntryStore } from '../entry-store.js'
import { userName, veridaDigest } from '../verida-signature.js'
import { readToken, signToken, type ReadToken } from './json-web-token.js'
import type { NodeSecrets } from './secrets.js'

/** A DID under one of its contexts. */
export interface Caller {
  /** Lower case. */
  readonly did: string
  readonly contextName: string
}

export interface TokenLives {
  /** Default 600. */
  readonly accessTokenLifeS?: number
  /** Default 30 days. */
  readonly refreshTokenLifeS?: number
}

export interface RefreshClaims extends Caller {
  readonly id: string
  readonly deviceId: string
  /** Seconds since 1970. */
  readonly exp: number
}

interface RefreshRow {
  readonly deviceHash: string
  /** Seconds since 1970. */
  readonly expiry: number
}

const AUTH_REQUEST_LIFE_S = 60
const ACCESS_LIFE_S = 600
const EPOCH = 'epoch'
const REFRESH_LIFE_S = 30 * 24 * 3600

export interface TokensOptions {
  readonly folder: string
  readonly secrets: NodeSecrets
  readonly clock: Clock
  readonly lives: TokenLives
}

export class Tokens {
  readonly #rows: EntryStore<RefreshRow>
  /** Access tokens of an earlier epoch count as expired. */
  readonly #epochs: EntryStore<{ readonly epoch: number }>

  constructor(private readonly options: TokensOptions) {
    this.#epochs = new EntryStore(join(options.folder, 'token-epoch'))
    this.#rows = new EntryStore(join(options.folder, 'refresh-tokens'))
    for (const [id, { expiry }] of this.#rows.entries())
      if (expiry * 1000 <= options.clock.now()) this.#rows.delete(id)
  }

  /** What a DID has to sign to sign in. */
  authRequest({ did, contextName }: Caller): { readonly authRequestId: string; readonly authJwt: string } {
    const authRequestId = freshId()
    const authJwt = this.sign('refreshSecret', { sub: did, contextName, authRequestId }, AUTH_REQUEST_LIFE_S)
    return { authRequestId, authJwt }
  }

  /** The id of a sign-in request that was made for this caller and is not too old. */
  authRequestId(authJwt: string, { did, contextName }: Caller): string | undefined {
    const read = this.read('refreshSecret', authJwt)
    if (read.kind !== 'good' || read.claims['sub'] !== did || read.claims['contextName'] !== contextName)
      return undefined
    const id = read.claims['authRequestId']
    return typeof id === 'string' ? id : undefined
  }

  issueRefresh(caller: Caller, deviceId: string): string {
    const { did, contextName } = caller
    const life = this.options.lives.refreshTokenLifeS ?? REFRESH_LIFE_S
    const id = freshId()
    const expiry = Math.floor(this.options.clock.now() / 1000) + life
    this.#rows.set(id, { deviceHash: deviceHash(caller, deviceId), expiry })
    return this.sign('refreshSecret', { id, deviceId, sub: did, contextName, type: 'refresh' }, life)
  }

  /** The claims of a refresh token that is still kept here, for this context. */
  readRefresh(token: string, contextName: string): RefreshClaims | undefined {
    const read = this.read('refreshSecret', token)
    if (read.kind !== 'good' || read.claims['type'] !== 'refresh') return undefined
    const claims = read.claims as unknown as RefreshClaims & { readonly sub: string }
    if (claims.contextName !== contextName || this.#rows.get(claims.id) === undefined) return undefined
    return { ...claims, did: claims.sub }
  }

  /** A new refresh token for an old one, which ends. */
  renewRefresh(token: string, contextName: string): string | undefined {
    const claims = this.readRefresh(token, contextName)
    if (claims === undefined) return undefined
    this.#rows.delete(claims.id)
    return this.issueRefresh(claims, claims.deviceId)
  }

  /** Ends the refresh tokens of a device; its access tokens live on until they expire. @returns whether there was one */
  invalidateDevice(caller: Caller, deviceId: string): boolean {
    const hash = deviceHash(caller, deviceId)
    const ended = this.#rows.entries().filter(([, row]) => row.deviceHash === hash)
    for (const [id] of ended) this.#rows.delete(id)
    return ended.length > 0
  }

  issueAccess(refreshToken: string, contextName: string): string | undefined {
    const claims = this.readRefresh(refreshToken, contextName)
    if (claims === undefined) return undefined
    const { did } = claims
    const life = this.options.lives.accessTokenLifeS ?? ACCESS_LIFE_S
    const sub = userName(did, contextName)
    return this.sign(
      'accessSecret',
      { id: freshId(), did, sub, contextName, type: 'access', epoch: this.epoch },
      life,
    )
  }

  readAccess(token: string): ReadToken {
    const read = this.read('accessSecret', token)
    return read.kind === 'good' && read.claims['epoch'] !== this.epoch ? { kind: 'expired' } : read
  }

  /** Every access token ends now, and with `refresh` every refresh token too. */
  expireAll(refresh: boolean): void {
    this.#epochs.set(EPOCH, { epoch: this.epoch + 1 })
    if (refresh) for (const [id] of this.#rows.entries()) this.#rows.delete(id)
  }

  private get epoch(): number {
    return this.#epochs.get(EPOCH)?.epoch ?? 0
  }

  private sign(secret: SecretName, claims: Parameters<typeof signToken>[0], lifeS: number): string {
    return signToken(claims, this.options.secrets[secret], this.options.clock.now(), lifeS)
  }

  private read(secret: SecretName, token: string): ReadToken {
    return readToken(token, this.options.secrets[secret], this.options.clock.now())
  }
}

type SecretName = 'accessSecret' | 'refreshSecret'

const freshId = (): string => randomBytes(24).toString('base64url')

const deviceHash = ({ did, contextName }: Caller, deviceId: string): string =>
  veridaDigest(`${did}/${contextName}/${deviceId}`).toString('hex')
