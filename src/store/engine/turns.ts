/** Lets callers through one at a time. */

/** First come, first served: gives a function that waits for its turn and returns the one that ends it. */
export function turns(): () => Promise<() => void> {
  let last: Promise<void> = Promise.resolve()
  return async () => {
    const before = last
    let end: () => void = () => undefined
    last = new Promise((resolve) => (end = resolve))
    await before
    return end
  }
}
