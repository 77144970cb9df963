/* While something runs, reads the page again and puts its live part in the place of the old one. Without it the page refreshes by itself. */
const EVERY_MS = 800

async function renew() {
  const shown = document.querySelector('[data-live="running"]')
  if (shown === null) return
  try {
    const answer = await fetch(location.pathname, { headers: { accept: 'text/html' } })
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    const fresh = page.querySelector('[data-live]')
    const focused = document.activeElement?.id
    if (answer.ok && fresh !== null) shown.replaceWith(fresh)
    if (focused) document.getElementById(focused)?.focus()
  } catch {
    // The node is restarting: the next round tries again.
  }
  setTimeout(renew, EVERY_MS)
}

setTimeout(renew, EVERY_MS)
