/** This node's session at one storage node: signs in, keeps one access token fresh, signs in again once when it is refused. */
import { NodeError } from '../errors.js'
import type { Clock } from '../lib/clock.js'
import { textAt } from './json-shape.js'
import type { StorageAnswer, StorageCall, StorageHttp } from './storage-http.js'

/** Who signs in: the node's DID under its context. */
export interface StorageIdentity {
  /** Lower case. */
  readonly did: string
  readonly contextName: string
  /** secp256k1 over keccak-256 of the text by the DID's own key, 0x hex. */
  sign(text: string): Promise<string>
}

interface Session {
  readonly refreshToken: string
  readonly accessToken: string
  /** Where the databases are: CouchDB's own address, without a slash at its end. */
  readonly host: string
  readonly renewAtMs: number
}

const DEVICE = 'connector-node'

export class StorageSession {
  #session: Session | undefined
  #pending: Promise<Session> | undefined

  /** `url` ends with a slash. */
  constructor(
    readonly url: string,
    private readonly http: StorageHttp,
    private readonly identity: () => Promise<StorageIdentity>,
    private readonly clock: Clock,
  ) {}

  /** A call of the storage node's own API. */
  api(path: string, body: StorageCall['body'], signal?: AbortSignal): Promise<StorageAnswer> {
    return this.send(() => this.url, {
      method: 'POST',
      path,
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    })
  }

  /** A call of the CouchDB behind it. */
  couch(call: Omit<StorageCall, 'token'>): Promise<StorageAnswer> {
    return this.send((session) => session.host, call)
  }

  private async send(base: (session: Session) => string, call: StorageCall): Promise<StorageAnswer> {
    const session = await this.current()
    const answer = await this.http.send(base(session), { ...call, token: session.accessToken })
    if (answer.status !== 401) return answer
    const renewed = await this.renew(session)
    return this.http.send(base(renewed), { ...call, token: renewed.accessToken })
  }

  private async current(): Promise<Session> {
    const session = this.#session
    if (session === undefined || this.clock.now() >= session.renewAtMs) return this.renew(session)
    return session
  }

  /** Joined: whoever finds the same token stale waits for the one renewal. */
  private renew(stale: Session | undefined): Promise<Session> {
    if (this.#session !== undefined && this.#session !== stale) return Promise.resolve(this.#session)
    this.#pending ??= this.signIn(stale)
      .then((session) => (this.#session = session))
      .finally(() => (this.#pending = undefined))
    return this.#pending
  }

  private async signIn(stale: Session | undefined): Promise<Session> {
    const identity = await this.identity()
    const { did, contextName } = identity
    if (stale !== undefined) {
      const answer = await this.post('auth/connect', { refreshToken: stale.refreshToken, did, contextName })
      if (answer.status === 200)
        return this.session({ ...stale, accessToken: textAt(answer.body, 'accessToken') })
    }
    const asked = await this.post('auth/generateAuthJwt', { did, contextName })
    const authRequestId = textAt(asked.body, 'authJwt', 'authRequestId')
    const consent = `Authenticate this application context: "${contextName}"?\n\n${did.toLowerCase()}\n${authRequestId}`
    const answer = await this.post('auth/authenticate', {
      authJwt: textAt(asked.body, 'authJwt', 'authJwt'),
      did,
      contextName,
      signature: await identity.sign(consent),
      deviceId: DEVICE,
    })
    if (answer.status !== 200) throw this.refused(answer.status)
    return this.session({
      refreshToken: textAt(answer.body, 'refreshToken'),
      accessToken: textAt(answer.body, 'accessToken'),
      host: textAt(answer.body, 'host').replace(/\/+$/, ''),
    })
  }

  private post(path: string, body: { readonly [key: string]: string }): Promise<StorageAnswer> {
    return this.http.send(this.url, { method: 'POST', path, body })
  }

  private session(facts: Omit<Session, 'renewAtMs'>): Session {
    return { ...facts, renewAtMs: this.clock.now() + usefulLifeMs(facts.accessToken) }
  }

  private refused(status: number): NodeError {
    return new NodeError('STORAGE_UNREACHABLE', {
      detail: `${this.url}: refuses this node's sign-in (${status})`,
    })
  }
}

const UNKNOWN_LIFE_MS = 60_000

/** Three quarters of the token's life as its own two times tell it, so that a clock that differs from the node's does no harm. */
function usefulLifeMs(token: string): number {
  const claims = /"iat":(\d{1,12})\b.*"exp":(\d{1,12})\b/.exec(
    Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(),
  )
  const lifeSeconds = claims === null ? 0 : Number(claims[2]) - Number(claims[1])
  return lifeSeconds > 0 ? lifeSeconds * 750 : UNKNOWN_LIFE_MS
}
