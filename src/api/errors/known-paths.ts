/** Refuses a wrong method on a path that exists, with 405 and the methods that work. Stands after all other routers. */
import type { RequestHandler, Router } from 'express'
import { NodeError } from '../../errors.js'

/** What is read of a router's list of routes. */
interface Layer {
  readonly route?: { readonly methods: Readonly<Record<string, boolean>> }
  match(path: string): boolean
}

/** `routers`: those that were asked before. Handlers that are no routers are passed over. */
export function refuseWrongMethods(routers: readonly (Router | RequestHandler)[]): RequestHandler {
  return (req, res, next) => {
    const methods = new Set<string>()
    for (const { route } of routers.flatMap(layersOf).filter((layer) => matches(layer, req.path)))
      for (const method of Object.keys(route?.methods ?? {})) methods.add(method.toUpperCase())
    // What stands in front of every method, such as a limit, serves none.
    methods.delete('_ALL')
    if (methods.size === 0) return next()
    if (methods.has('GET')) methods.add('HEAD')
    if (methods.has(req.method)) return next()
    res.set('Allow', [...methods].sort().join(', '))
    throw new NodeError('METHOD_UNKNOWN')
  }
}

/** A router is a function with its layers beside it. */
function layersOf(router: Router | RequestHandler): readonly Layer[] {
  return (router as { readonly stack?: readonly Layer[] }).stack ?? []
}

function matches(layer: Layer, path: string): boolean {
  return layer.route !== undefined && layer.match(path)
}
