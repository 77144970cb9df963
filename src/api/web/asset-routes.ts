/** Serves what pages load, and the providers' icons. All of it is read at start: no request names a file. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Router } from 'express'
import type { Catalog } from '../../provider/index.js'
import { assets } from '../../web/assets.js'

/** An SVG may hold scripts; opened by itself it runs none, loads nothing and is of no origin. */
const ICON_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"

/** `providersFolder`: holds a folder per provider, with the icon that it names. @throws when an icon is missing */
export function assetRoutes(catalog: Catalog, providersFolder: string): Router {
  const router = Router()
  for (const { path, type, body } of assets) {
    router.get(path, (req, res) => {
      // With its version in the address a text never changes.
      const cache = req.query['v'] === undefined ? 'no-cache' : 'public, max-age=31536000, immutable'
      res.set({ 'Cache-Control': cache, 'X-Content-Type-Options': 'nosniff' }).type(type).send(body)
    })
  }
  for (const { provider } of catalog) {
    const body = readFileSync(join(providersFolder, provider.id, provider.icon), 'utf8')
    router.get(iconPath(provider.id), (_req, res) => {
      res
        .set({
          'Content-Security-Policy': ICON_POLICY,
          'X-Content-Type-Options': 'nosniff',
          'Cache-Control': 'public, max-age=86400',
          // Vaults on the web show it beside the catalog's entry.
          'Cross-Origin-Resource-Policy': 'cross-origin',
        })
        .type('image/svg+xml')
        .send(body)
    })
  }
  return router
}

export const iconPath = (providerId: string): string => `/assets/${providerId}/icon.svg`
