/** What routers answer, as a list of methods and paths; read from Express and from nothing else. */
import type { RequestHandler, Router } from 'express'

export interface Route {
  readonly method: string
  /** As Express has it: `/v1/connectors/:id`. */
  readonly path: string
}

/** What is read of a router's list of routes. */
interface Layer {
  readonly route?: {
    readonly path: string | readonly string[]
    readonly methods: Readonly<Record<string, boolean>>
  }
}

/** What stands in front of every method, such as a limit, serves none and is left out. */
export function routesOf(routers: readonly (Router | RequestHandler)[]): readonly Route[] {
  return routers
    .flatMap((router) => (router as unknown as { readonly stack?: readonly Layer[] }).stack ?? [])
    .flatMap(({ route }) =>
      Object.keys(route?.methods ?? {})
        .filter((method) => method !== '_all')
        .flatMap((method) => [route?.path ?? []].flat().map((path) => ({ method, path }))),
    )
}
