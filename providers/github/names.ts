/** Names that become part of an address: repositories and issues. */
import { NodeError } from '../../src/provider/index.js'

/** `owner/name`. A name of dots alone would climb. @throws NodeError REQUEST_INVALID */
export function repositoryPath(text: string): string {
  const [, owner, name] = /^([A-Za-z0-9_-]{1,100})\/([A-Za-z0-9_.-]{1,100})$/.exec(text) ?? []
  if (owner === undefined || name === undefined || /^\.+$/.test(name))
    throw new NodeError('REQUEST_INVALID', { detail: 'not the name of a repository: owner/name' })
  return `/repos/${owner}/${name}`
}

/** `owner/name#12`. @throws NodeError REQUEST_INVALID */
export function issuePath(text: string): string {
  const [, repository, number] = /^([^#]+)#([1-9]\d{0,15})$/.exec(text) ?? []
  if (repository === undefined || number === undefined)
    throw new NodeError('REQUEST_INVALID', { detail: 'not the name of an issue: owner/name#12' })
  return `${repositoryPath(repository)}/issues/${number}`
}
