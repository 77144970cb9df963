/** Server-sent events on one response. https://html.spec.whatwg.org/multipage/server-sent-events.html */
import type { Response } from 'express'

export interface EventStream {
  /** `id` comes back as Last-Event-ID when the reader connects again. */
  send(event: string, content: object, id?: number): void
  /** Keeps proxies from closing a silent connection. */
  beat(): void
  end(): void
}

/** A reader that takes nothing while so much waits for it is let go; it may connect again. */
const WAITING_BYTES = 256 * 1024

export function openEventStream(res: Response): EventStream {
  res.status(200).set({
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    // Proxies that collect an answer before they pass it on would collect for ever.
    'X-Accel-Buffering': 'no',
  })
  res.flushHeaders()
  const write = (text: string): void => {
    if (res.writableEnded || res.destroyed) return
    if (res.writableLength > WAITING_BYTES) res.destroy()
    else res.write(text)
  }
  return {
    send: (event, content, id) =>
      write(`event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(content)}\n\n`),
    beat: () => write(': still here\n\n'),
    end: () => void res.end(),
  }
}
