/** The look of this node as design tokens: the pages, the API's document and its reader take them from here. */

const light = {
  ground: '#f4f6f4',
  glow: '#dcefe9',
  card: '#ffffff',
  ink: '#14201d',
  soft: '#56655f',
  line: '#dde5e1',
  accent: '#0f766e',
  accentInk: '#ffffff',
  tint: '#e6f4f1',
  good: '#15803d',
  bad: '#b42318',
  badTint: '#fdeceb',
  warn: '#8a5a00',
  warnTint: '#fff4dc',
  shadow: '0 1px 2px rgb(10 40 30 / 0.05), 0 14px 40px rgb(10 40 30 / 0.07)',
}

const dark: Readonly<Record<keyof typeof light, string>> = {
  ground: '#0d1412',
  glow: '#10322b',
  card: '#141d1a',
  ink: '#e8f0ed',
  soft: '#98a8a2',
  line: '#26332e',
  accent: '#2dd4bf',
  accentInk: '#05211d',
  tint: '#12302a',
  good: '#4ade80',
  bad: '#fb8a80',
  badTint: '#3a1a18',
  warn: '#f4c565',
  warnTint: '#33270d',
  shadow: '0 1px 2px rgb(0 0 0 / 0.3), 0 14px 40px rgb(0 0 0 / 0.35)',
}

/** Told in the API's document as `x-theme`. */
export const THEME = {
  name: 'Ocean Professional',
  light,
  dark,
  fonts: {
    sans: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif",
    mono: "ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace",
  },
} as const

/** The tokens as custom properties: `accentInk` is `--accent-ink`. */
export function themeCss(): string {
  const { sans, mono } = THEME.fonts
  return [
    `:root {\n  color-scheme: light dark;\n${properties({ ...light, sans, mono })}}`,
    `@media (prefers-color-scheme: dark) {\n  :root {\n${properties(dark)}  }\n}\n`,
  ].join('\n')
}

function properties(tokens: Readonly<Record<string, string>>): string {
  const line = ([name, value]: readonly [string, string]): string =>
    `  --${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}: ${value};\n`
  return Object.entries(tokens).map(line).join('')
}
