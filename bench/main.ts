/** `npm run bench -- [--json] [P1 P2 ...]`: every figure is a ratio of two measurements of one interleaved run (median of the rounds). */
import { cpus, loadavg } from 'node:os'
import { openBench } from './bench-node.js'
import { measureP1 } from './p1-throughput.js'
import { measureP2 } from './p2-one-by-one.js'
import { measureP3 } from './p3-nothing-new.js'

export interface Figure {
  /** The headline, ours in the numerator or denominator as PERFORMANCE says. */
  readonly ratio: number
  readonly ours: Readonly<Record<string, number>>
  readonly yardstick: Readonly<Record<string, number>>
}

const measures = { P1: measureP1, P2: measureP2, P3: measureP3 } as const
type Name = keyof typeof measures

const args = process.argv.slice(2)
const json = args.includes('--json')
const asked = args.filter((arg): arg is Name => arg in measures)
const unknown = args.filter((arg) => arg !== '--json' && !(arg in measures))
if (unknown.length > 0) {
  console.error(`no such figure: ${unknown.join(', ')}; there are ${Object.keys(measures).join(', ')}`)
  process.exit(1)
}

const figures: Record<string, unknown> = {}
const bench = await openBench()
try {
  for (const name of asked.length > 0 ? asked : (Object.keys(measures) as Name[])) {
    const figure = await measures[name](bench)
    figures[name] = figure
    if (!json) console.log(name, JSON.stringify(figure, null, 2))
  }
} finally {
  await bench.close()
}
const machine = {
  node: process.version,
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  load: loadavg()[0],
}
if (json) console.log(JSON.stringify({ ...figures, machine }))
else console.log(machine)
