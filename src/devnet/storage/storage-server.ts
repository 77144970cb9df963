/** A running storage node without its port: API, DID documents and CouchDB side over one folder. Its end leaves the folder as it is. */
import { join } from 'node:path'
import express, { Router } from 'express'
import type { Clock } from '../../lib/clock.js'
import { Databases } from '../couch/databases.js'
import { couchRouter } from '../couch/router.js'
import { didDocumentRoutes } from '../did-document-routes.js'
import { DidDocuments } from '../did-documents.js'
import type { ResolveDid } from '../did-resolution.js'
import type { FaultGate } from '../fault-gate.js'
import { answerApiErrors, ApiRefused, signedAnswers } from './answer.js'
import { authRoutes } from './auth-routes.js'
import { CouchUsers } from './identify.js'
import { PeerCredentials, publicKeyText } from './peer-credentials.js'
import type { StorageEntry } from './permissions.js'
import { Replications } from './replications.js'
import { nodeSecrets } from './secrets.js'
import { Tokens, type TokenLives } from './tokens.js'
import { UserDatabases } from './user-databases.js'
import { userRoutes } from './user-routes.js'

/** The version of Verida's storage node whose API this is. */
const API_VERSION = '3.0.0'
const COUCH_VERSION = '3.5.0'
const API_BODY_LIMIT = '1mb'

export interface StorageServerOptions {
  readonly folder: string
  /** With a slash at its end. */
  readonly url: string
  readonly resolve: ResolveDid
  readonly clock: Clock
  readonly lives: TokenLives
  /** Bytes per context; Verida's default is 10 MB. */
  readonly storageLimit: number
  readonly gate: FaultGate
}

/** The CouchDB side of a node at `url`, without a slash at its end. */
export const couchUrlOf = (url: string): string => `${url}couch`

export class StorageServer {
  readonly documents: DidDocuments
  readonly databases: Databases<StorageEntry>
  readonly tokens: Tokens
  readonly router: Router
  readonly #replications: Replications

  constructor({ folder, url, resolve, clock, lives, storageLimit, gate }: StorageServerOptions) {
    const secrets = nodeSecrets(folder)
    const answer = signedAnswers(secrets.privateKey)
    const couchUrl = couchUrlOf(url)
    const { privateKey } = secrets
    this.documents = new DidDocuments(join(folder, 'did-documents'))
    this.databases = new Databases<StorageEntry>(join(folder, 'databases'))
    this.tokens = new Tokens({ folder, secrets, clock, lives })
    const users = new CouchUsers(join(folder, 'users'), secrets, this.tokens)
    const peers = new PeerCredentials({ url, folder, privateKey, clock, resolve })
    const replications = new Replications({ url, databases: this.databases, peers, resolve, clock })
    this.#replications = replications

    const api = Router()
    api.use(express.json({ limit: API_BODY_LIMIT }))
    api.get('/status', (_request, response) => {
      const results = {
        version: API_VERSION,
        publicKey: publicKeyText(privateKey),
        couchUri: couchUrl,
        timestamp: Math.floor(clock.now() / 1000),
      }
      answer(response, { results })
    })
    api.get('/lookup/did/:did', (request, response) => {
      const did = request.params.did.toLowerCase()
      const document = resolve(did)
      if (document === undefined) throw new ApiRefused(404, 'DID document not found')
      response.json({ status: 'success', data: { did, document } })
    })
    api.use('/did', didDocumentRoutes(this.documents))
    api.use('/auth', authRoutes({ tokens: this.tokens, resolve, answer, secrets, couchUrl }))
    api.use('/auth', peers.routes(users, answer))
    api.use(
      '/user',
      userRoutes({
        tokens: this.tokens,
        databases: new UserDatabases(this.databases, storageLimit),
        replications,
        answer,
      }),
    )
    api.use(answerApiErrors)

    this.router = Router()
    this.router.use(gate.handler)
    this.router.use(
      '/couch',
      couchRouter(
        {
          databases: this.databases,
          identify: (request) => users.identify(request),
          writeFilter: (request) => gate.writeFilter(request),
        },
        COUCH_VERSION,
      ),
    )
    this.router.use(api)
  }

  async close(): Promise<void> {
    await this.#replications.stop()
    await this.databases.close()
  }
}
