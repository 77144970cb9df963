/** Counts what the service was asked, for tests that must know how often. */
import { routeNames, type RouteName } from './faults.js'

export interface Counts {
  /** Calls of every route, whatever was answered. */
  readonly calls: Readonly<Record<RouteName, number>>
  /** Refresh tokens exchanged for new ones. */
  readonly refreshes: number
  /** Used refresh tokens or codes that came a second time. */
  readonly replays: number
}

export class Counters {
  private calls = none()
  private refreshes = 0
  private replays = 0

  call(route: RouteName): void {
    this.calls[route]++
  }
  refresh(): void {
    this.refreshes++
  }
  replay(): void {
    this.replays++
  }
  read(): Counts {
    return { calls: { ...this.calls }, refreshes: this.refreshes, replays: this.replays }
  }
  reset(): void {
    this.calls = none()
    this.refreshes = 0
    this.replays = 0
  }
}

const none = () => Object.fromEntries(routeNames.map((name) => [name, 0])) as Record<RouteName, number>
