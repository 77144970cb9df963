/** The part of docs/OAUTH_SETUP.md that is made of the providers' own READMEs: what to register where. */
import { readFileSync } from 'node:fs'
import { providers } from '../../providers/index.js'

const HEADING = 'Register the application'

export function oauthSetup(): string {
  return providers
    .filter(({ category }) => category !== 'development')
    .map(({ id, label, auth }) => {
      const scopes = auth.flatMap((one) => ('scopes' in one ? Object.entries(one.scopes) : []))
      const rows = [...new Map(scopes)].map(([scope, reason]) => `| \`${scope}\` | ${reason} |`)
      return [
        `## ${label}`,
        sectionOf(id),
        ...(auth.some(({ kind }) => kind === 'oauth2') ? [redirects(id)] : []),
        ...(rows.length > 0 ? [['| scope | why |', '| --- | --- |', ...rows].join('\n')] : []),
      ].join('\n\n')
    })
    .join('\n\n')
}

const redirects = (id: string): string =>
  `Redirect addresses: \`<PUBLIC_URL>/auth/${id}\` for Vaults, \`<PUBLIC_URL>/v1/oauth/${id}/callback\` for tenants’ applications.`

/** @throws when a README lacks the heading; suite A holds that it is there */
function sectionOf(id: string): string {
  const readme = readFileSync(`providers/${id}/README.md`, 'utf8')
  const part = readme.split(/^## /m).find((text) => text.startsWith(`${HEADING}\n`))
  if (part === undefined) throw new Error(`providers/${id}/README.md has no '${HEADING}'`)
  // Links of a README start at its folder.
  return part
    .slice(HEADING.length)
    .trim()
    .replace(/\]\((?!https?:|#)([^)]+)\)/g, `](../providers/${id}/$1)`)
}
