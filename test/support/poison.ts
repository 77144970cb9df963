/** Runs a pure function while clock, random and network answer with an error. */
import crypto from 'node:crypto'
import { replaceMember } from './replace-member.js'

class PoisonedDate extends Date {
  constructor(...parts: readonly unknown[]) {
    if (parts.length === 0) throw new Error('it reads the clock')
    super(...(parts as [number]))
  }
  static override now(): number {
    throw new Error('it reads the clock')
  }
}

/** The result of `work`, which must not wait for anything. @throws what `work` throws, and on any use of the poisoned parts */
export function poisoned<T>(work: () => T): T {
  const refuse = (what: string) => (): never => {
    throw new Error(`it uses ${what}`)
  }
  const undo = [
    replaceMember(globalThis, 'Date', PoisonedDate),
    replaceMember(Math, 'random', refuse('random numbers')),
    replaceMember(crypto, 'randomUUID', refuse('random numbers')),
    replaceMember(crypto, 'randomBytes', refuse('random numbers')),
    replaceMember(globalThis.crypto, 'randomUUID', refuse('random numbers')),
    replaceMember(globalThis.crypto, 'getRandomValues', refuse('random numbers')),
    replaceMember(performance, 'now', refuse('the clock')),
    replaceMember(globalThis, 'fetch', refuse('the network')),
  ]
  try {
    return work()
  } finally {
    for (const restore of undo.reverse()) restore()
  }
}

/** The same value, which nobody can change any more. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const member of Object.values(value)) deepFreeze(member)
  }
  return value
}
