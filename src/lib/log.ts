/** The log as the node's parts see it: one structured line per event, event names from this list, no free text with user data. */
import { pino, type Logger } from 'pino'
import { NodeError } from '../errors.js'

export type LogEvent =
  | 'node.started'
  | 'node.stopping'
  | 'node.stopped'
  | 'devnet.started'
  | 'http.request'
  | 'http.failed'
  | 'connect.started'
  | 'connect.finished'
  | 'connect.failed'
  | 'sync.started'
  | 'sync.stage'
  | 'sync.finished'
  | 'sync.failed'
  | 'sync.interrupted'
  | 'job.retrying'
  | 'job.dead'
  | 'job.returned'
  | 'job.lost'
  | 'jobs.failed'
  | 'jobs.warning'
  | 'jobs.schedule'
  | 'webhook.failed'
  | 'webhook.disabled'
  | 'calendar.connected'
  | 'calendar.failed'
  | 'mail.sent'
  | 'mail.failed'
  | 'webhook.refused'
  | 'webhook.uncounted'
  | 'webhook.remove_failed'
  | 'webhook.account_unreadable'
  | 'provider.called'
  | 'token.refreshed'
  | 'token.refresh_failed'
  | 'storage.unreachable'
  | 'storage.repaired'
  | 'storage.ready'
  | 'staging.leftover'
  | 'staging.erased'
  | 'auth.refused'
  | 'keys.changed'
  | 'keys.resealed'
  | 'keys.failed'
  | 'keys.missing'
  | 'rules.unread'
  | 'housekeeping.done'
  | 'housekeeping.failed'

export interface Log {
  debug(event: LogEvent, facts?: object): void
  info(event: LogEvent, facts?: object): void
  warn(event: LogEvent, facts?: object): void
  error(event: LogEvent, facts?: object): void
}

export interface LogOptions {
  readonly level: string
  /** JSON lines; false gives short lines for people. */
  readonly json: boolean
  readonly write?: (line: string) => void
}

export function createLog(options: LogOptions): Log {
  const stream = { write: options.write ?? ((line: string) => void process.stdout.write(line)) }
  const logger: Logger = pino(
    { level: options.level, base: null, formatters: { level: (label) => ({ level: label }) } },
    options.json ? stream : plain(stream.write),
  )
  const at =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (event: LogEvent, facts: object = {}) =>
      logger[level]({ event, ...withErrors(facts) })
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** Takes nothing; for parts that run without a log. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

/** Errors as code, detail and causes; stacks only for bugs. */
function withErrors(facts: object): object {
  return Object.fromEntries(
    Object.entries(facts).map(([key, value]) => [
      key,
      value instanceof Error ? errorFacts(value) : (value as unknown),
    ]),
  )
}

function errorFacts(error: Error): object {
  const cause = error.cause instanceof Error ? errorFacts(error.cause) : undefined
  if (error instanceof NodeError)
    return {
      code: error.code,
      detail: error.detail,
      cause,
      ...(error.fate === 'bug' ? { stack: error.stack } : {}),
    }
  const code = (error as { code?: unknown }).code
  return { name: error.name, code, message: error.message, stack: error.stack, cause }
}

function plain(write: (line: string) => void): { write: (line: string) => void } {
  return {
    write(line) {
      const { level, time, event, ...facts } = JSON.parse(line) as Record<string, unknown>
      const rest = Object.entries(facts).map(
        ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
      )
      write(
        `${new Date(Number(time)).toISOString().slice(11, 19)} ${String(level).padEnd(5)} ${String(event)} ${rest.join(' ')}\n`,
      )
    },
  }
}
