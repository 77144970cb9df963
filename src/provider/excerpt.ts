/** Shortens text for fields that have a limit. */

const segments = new Intl.Segmenter('und', { granularity: 'grapheme' })

/**
 * The beginning of the text on one line, at most `max` UTF-16 units; undefined when there is none. Cut between what
 * people see as characters, so that no emoji or accent is split.
 */
export function excerpt(text: string | null | undefined, max: number): string | undefined {
  // Of a very long text only the beginning is looked at.
  const line = (text ?? '')
    .slice(0, max * 4)
    .replace(/\s+/g, ' ')
    .trim()
  if (line.length <= max) return line === '' ? undefined : line
  // The character that reaches over the limit, and the sign that tells of the cut, are left out.
  const end = segments.segment(line).containing(max - 1)?.index ?? 0
  return `${line.slice(0, end).trimEnd()}…`
}
