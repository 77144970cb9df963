/** Names of this machine for itself: a browser keeps separate cookies for each of them, though they lead to one node. */

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i

/** `host` as in a Host header, with or without a port. */
export function isLoopbackHost(host: string): boolean {
  return LOOPBACK.test(host)
}
