/** `npm run demo`: a whole Vault's journey on this machine, with everything checked that the promise says. Exits 1 when anything is not so. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { playJourney, type JourneyReport } from './journey.js'

export async function demo({ json }: { readonly json: boolean }): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'connector-node-demo-'))
  const say = (line: string): void => console.log(line)
  try {
    const report = await playJourney({ folder, say, isTerminal: process.stdout.isTTY && !json })
    if (json) console.log(JSON.stringify(report))
    else summarize(report, say)
    return report.ok ? 0 : 1
  } catch (error) {
    const log = await readFile(join(folder, 'node.log'), 'utf8').catch(() => '')
    console.error(error)
    console.error(`The last lines of the node's log:\n${log.split('\n').slice(-15).join('\n')}`)
    if (json) console.log(JSON.stringify({ ok: false, error: String(error) }))
    return 1
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function summarize(report: JourneyReport, say: (line: string) => void): void {
  const { vault, nodes } = report
  say('')
  say(`  fetched ${report.records}   mapped ${report.mapped}   quarantined ${report.quarantined}`)
  for (const { url, leaves, missing } of nodes) say(`  ${url}   proven ${leaves}   missing ${missing}`)
  say(
    `  the Vault pulled ${vault.pulled}, decrypted ${vault.decrypted}, valid ${vault.valid}, conflicts ${vault.conflicts}`,
  )
  say(
    `  receipts ${report.receipt.valid ? 'valid, and the state root is what the Vault pulled' : 'NOT VALID'}`,
  )
  say(
    `  local copy ${report.localErased ? 'gone' : 'STILL HERE'}   plain text or tokens found: ${report.leaks}`,
  )
  say(`  a second sync wrote ${report.secondSync.written} revisions`)
  say(
    `  an edit at the provider ${report.edit.arrived ? 'arrived' : 'DID NOT ARRIVE'}, conflicts ${report.edit.conflicts}`,
  )
  say('')
  say(report.ok ? `  All of it holds. ${report.seconds} s` : '  NOT ALL OF IT HOLDS.')
}
