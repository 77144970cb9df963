/** What is written to the console and the process's streams while something runs; none of it gets through. */
import { replaceMember } from './replace-member.js'

export async function whilePrinting(work: () => Promise<void>): Promise<readonly string[]> {
  const printed: string[] = []
  const note = (...parts: readonly unknown[]): boolean => printed.push(parts.map(String).join(' ')) > 0
  const undo = [
    ...(['log', 'info', 'warn', 'error', 'debug'] as const).map((name) => replaceMember(console, name, note)),
    replaceMember(process.stdout, 'write', note),
    replaceMember(process.stderr, 'write', note),
  ]
  try {
    await work()
  } finally {
    for (const restore of undo) restore()
  }
  return printed
}
