/** The version of this package, from beside the program: in the repository, and in what is built of it. */
import { readFileSync } from 'node:fs'
import { NodeError } from './errors.js'

/** @throws NodeError CONFIG_INVALID */
export function packageVersion(): string {
  for (const place of ['../package.json', '../../package.json']) {
    try {
      return (JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')) as { version: string })
        .version
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  throw new NodeError('CONFIG_INVALID', { detail: 'package.json is not beside the program' })
}
