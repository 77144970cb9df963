/** Who a process is, beyond its reusable number: where and when it started. */
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

export interface ProcessIdentity {
  readonly pid: number
  /** Process numbers mean something only inside one of these: host, boot and pid namespace (containers). */
  readonly space: string
  /** When it started, in clock ticks since boot; `undefined` where the system does not say. */
  readonly started: string | undefined
}

export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, space: space(), started: startOf(process.pid) }
}

/** `unknown`: cannot be told from here, because it lives in another container or host, or its start is not known. */
export function isRunning(other: ProcessIdentity): 'yes' | 'no' | 'unknown' {
  if (other.space !== space()) return 'unknown'
  if (!exists(other.pid)) return 'no'
  const started = startOf(other.pid)
  if (started === undefined || other.started === undefined) return 'unknown'
  return started === other.started ? 'yes' : 'no'
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it is there, but not ours to signal.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function space(): string {
  const boot = onLinux(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())
  const namespace = onLinux(() => readlinkSync('/proc/self/ns/pid'))
  return [hostname(), boot ?? '', namespace ?? ''].join(' ')
}

function startOf(pid: number): string | undefined {
  const stat = onLinux(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  // Field 22 (proc(5)); the second field, the name, may hold spaces and parentheses.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
}

/** What /proc says, or `undefined` where there is no /proc or no such process. */
function onLinux<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
}
