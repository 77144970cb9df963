/** A file that takes the log's lines beside the standard output. Opened to append, so that a rotation may copy and truncate it. */
import { destination } from 'pino'

export interface LogFile {
  write(line: string): void
  /** Everything is in the file after it. */
  close(): void
}

/** @throws when the file cannot be opened; its folder is made. Mode 0600 for a new file. */
export function openLogFile(path: string): LogFile {
  const file = destination({ dest: path, append: true, mkdir: true, mode: 0o600, sync: true })
  return { write: (line) => void file.write(line), close: () => file.end() }
}
