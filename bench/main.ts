/** `npm run bench -- [--json] [P1 P2 ...]`: every figure is a ratio of two measurements of one interleaved run (median of the rounds). */
import { cpus, loadavg } from 'node:os'
import { openBench, type Bench } from './bench-node.js'
import type { Figure } from './figure.js'
import { measureP1 } from './p1-throughput.js'
import { measureP2 } from './p2-one-by-one.js'
import { measureP3 } from './p3-nothing-new.js'
import { measureP4 } from './p4-audit-append.js'
import { table } from './table.js'

const measures: Readonly<Record<string, (bench: Bench) => Promise<Figure>>> = {
  P1: measureP1,
  P2: measureP2,
  P3: measureP3,
  P4: measureP4,
}

const args = process.argv.slice(2)
const json = args.includes('--json')
const asked = args.filter((arg) => arg !== '--json')
const unknown = asked.filter((name) => !(name in measures))
if (unknown.length > 0) {
  console.error(`no such figure: ${unknown.join(', ')}; there are ${Object.keys(measures).join(', ')}`)
  process.exit(1)
}

const machine = () => ({
  node: process.version,
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  load: loadavg().map((load) => Number(load.toFixed(2))),
})

const figures: Record<string, Figure> = {}
const bench = await openBench()
try {
  for (const [name, measure] of Object.entries(measures)) {
    if (asked.length > 0 && !asked.includes(name)) continue
    if (!json) console.error(`measuring ${name} ...`)
    figures[name] = await measure(bench)
  }
} finally {
  await bench.close()
}
console.log(json ? JSON.stringify({ ...figures, machine: machine() }) : table(figures, machine()))
// Verida's client and its libraries leave timers behind.
process.exit(0)
