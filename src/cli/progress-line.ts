/** One line that shows how far a sync is; in a terminal it is written over, elsewhere each stage is written once. */
import type { PlayedStatus } from '../devnet/vault-http.js'

export function progressLine(
  say: (line: string) => void,
  isTerminal: boolean,
): (status: PlayedStatus) => void {
  let lastStage = ''
  return ({ stage, counts, status }) => {
    const text = `   ${stage.padEnd(9)} fetched ${counts.fetched}, written ${counts.written}, quarantined ${counts.quarantined}`
    if (isTerminal) {
      process.stdout.write(`\r${text.padEnd(70)}${status === 'running' ? '' : '\n'}`)
      return
    }
    if (stage === lastStage) return
    lastStage = stage
    say(text)
  }
}
