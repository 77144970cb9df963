/** Health of the node for operators and load balancers; tells no DID, token or database name. */
import { Router } from 'express'
import { toNodeError, type ErrorCode } from '../../errors.js'

/** Each part that must work before the node is ready, and what it threw. */
export interface ReadinessCheck {
  readonly name: string
  check(): Promise<void>
}

const TIME_OUT_MS = 3000

export function opsRoutes(checks: readonly ReadinessCheck[]): Router {
  const router = Router()
  router.get(['/health', '/healthz'], (_req, res) => void res.json({ status: 'ok' }))
  router.get('/readyz', async (_req, res) => {
    const parts = await Promise.all(checks.map(async (part) => [part.name, await stateOf(part)] as const))
    const ready = parts.every(([, state]) => state === 'ok')
    res
      .status(ready ? 200 : 503)
      .json({ status: ready ? 'ready' : 'not ready', parts: Object.fromEntries(parts) })
  })
  return router
}

async function stateOf(part: ReadinessCheck): Promise<'ok' | ErrorCode | 'TIMED_OUT'> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'TIMED_OUT'>((resolve) => {
    timer = setTimeout(resolve, TIME_OUT_MS, 'TIMED_OUT')
  })
  const checked = part.check().then(
    () => 'ok' as const,
    (error: unknown) => toNodeError(error).code,
  )
  return Promise.race([checked, late]).finally(() => clearTimeout(timer))
}
