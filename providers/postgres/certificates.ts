/** Certificates as people paste them: line breaks may be lost on the way. */
import { refused } from './failures.js'

const PEM = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]{1,16000}?)-----END CERTIFICATE-----/g

/** In PEM form, one for each. @throws NodeError REQUEST_INVALID: none in it */
export function readCertificates(text: string): string[] {
  const found = [...text.matchAll(PEM)].map(([, body = '']) => {
    const lines = body.replace(/\s/g, '').match(/.{1,64}/g) ?? []
    return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
  })
  if (found.length === 0) throw refused('ca', 'holds no certificate in PEM form')
  return found
}
