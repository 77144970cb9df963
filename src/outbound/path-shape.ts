/** A path as logs and errors may show it: words and API versions stay, whatever may name a person or thing does not. */

const WORD = /^[a-z][a-z_.-]{0,23}$/i
const VERSION = /^v\d+(\.\d+)*$/i

export function pathShape(url: URL): string {
  return url.pathname
    .split('/')
    .map((segment) => (segment === '' || WORD.test(segment) || VERSION.test(segment) ? segment : ':id'))
    .join('/')
}
