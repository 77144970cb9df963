/** The figures as text for people. */
import type { Figure } from './figure.js'

export function table(figures: Readonly<Record<string, Figure>>, machine: object): string {
  const parts = Object.entries(figures).map(([name, { ours, yardstick, ...ratios }]) =>
    [name, ...linesOf('', ratios), ...linesOf('ours', ours), ...linesOf('yardstick', yardstick)].join('\n'),
  )
  return [...parts, ['machine', ...linesOf('', machine)].join('\n')].join('\n\n')
}

function linesOf(side: string, values: object): readonly string[] {
  return Object.entries(values).map(([name, value]) => {
    const text = Array.isArray(value) ? value.join('  ') : String(value)
    return `  ${side.padEnd(10)}${name.padEnd(16)}${text}`
  })
}
