/** The start page. */
import { Router } from 'express'
import { NO_RULES, type Catalog, type CatalogEntry } from '../../provider/index.js'
import { homePage, type ProviderCard } from '../../web/home-page.js'
import { DEV_VAULT, devConnectPath } from '../dev/paths.js'
import { iconPath } from './asset-routes.js'
import { sendPage } from './send-page.js'

export interface HomeDeps {
  readonly catalog: Catalog
  /** Names of missing settings are not shown to the public. */
  readonly production: boolean
  /** The practice Vault is served here. */
  readonly devVault: boolean
}

export function homeRoutes({ catalog, production, devVault }: HomeDeps): Router {
  const router = Router()
  router.get('/', (_req, res) => {
    const providers = offered(catalog).map((entry) => card(entry, { production, devVault }))
    sendPage(res, {
      page: homePage({ providers, development: devVault, vault: devVault ? DEV_VAULT : undefined }),
    })
  })
  return router
}

/** What can be connected now comes first; what the operator has switched off is not shown. */
function offered(catalog: Catalog): readonly CatalogEntry[] {
  const enabled = catalog.filter(({ rules = NO_RULES }) => rules.enabled)
  const isReady = ({ missingSettings }: CatalogEntry): boolean => missingSettings.length === 0
  return [...enabled.filter(isReady), ...enabled.filter((entry) => !isReady(entry))]
}

function card(
  { provider, settings, missingSettings }: CatalogEntry,
  { production, devVault }: { readonly production: boolean; readonly devVault: boolean },
): ProviderCard {
  const { id, label, description, streams } = provider
  const state: ProviderCard['state'] =
    settings === undefined
      ? { kind: 'unset', settings: production ? [] : missingSettings }
      : { kind: 'ready', connect: devVault ? devConnectPath(id) : undefined }
  return { label, description, icon: iconPath(id), copies: streams.map((stream) => stream.label), state }
}
