/** Lets a loop sleep until something happens or a time is over. */

export interface Bell {
  /** Rung while nobody waits, the next wait is over at once. */
  ring(): void
  wait(ms: number): Promise<void>
}

export function createBell(): Bell {
  let wake: (() => void) | undefined
  let rung = false
  return {
    ring() {
      rung = true
      wake?.()
    },
    async wait(ms) {
      if (!rung) {
        let timer: NodeJS.Timeout | undefined
        await new Promise<void>((resolve) => {
          wake = resolve
          timer = setTimeout(resolve, ms)
        })
        clearTimeout(timer)
        wake = undefined
      }
      rung = false
    },
  }
}
