/** A whole message of Gmail in the form of its schema: headers, texts, attachments as metadata. Pure. */
import { excerpt, type Json, type JsonObject } from '../../src/provider/index.js'
import type { Message, Part } from './gmail-api.js'
import { textOfHtml } from './html-text.js'
import { parseAddresses, type Address } from './mail-addresses.js'
import { decodeBody, decodeEntities, decodeWords } from './mail-text.js'

const MAX_PARTS = 500
const MAX_SUBJECT = 10_000
const MAX_ATTACHMENTS = 100

export const isDraft = (message: Message): boolean => message.labelIds?.includes('DRAFT') ?? false

/** When Gmail took it: the header's date is the sender's word. */
export const sentAt = ({ internalDate }: Message): string => new Date(Number(internalDate)).toISOString()

export function emailFields(message: Message): JsonObject {
  const headers = message.payload.headers ?? []
  const header = (name: string): string | undefined =>
    headers.find((one) => one.name.toLowerCase() === name.toLowerCase())?.value
  const [from] = parseAddresses(header('From'))
  const to = parseAddresses(header('To'))
  const bcc = parseAddresses(header('Bcc'))
  const parts = leaves(message.payload)
  const html = textOf(parts, 'text/html')
  return {
    name: excerpt(decodeWords((header('Subject') ?? '').slice(0, MAX_SUBJECT)), 1_000) ?? 'No subject',
    summary: excerpt(decodeEntities(message.snippet ?? ''), 256),
    type: message.labelIds?.includes('SENT') ? 'send' : 'receive',
    fromName: from?.name,
    fromEmail: from?.email ?? '',
    toName: joined(to, 'name'),
    // The schema demands it; what came as a blind copy names nobody.
    toEmail: joined(to, 'email') ?? joined(bcc, 'email') ?? '',
    ccEmail: joined(parseAddresses(header('Cc')), 'email'),
    bccEmail: joined(bcc, 'email'),
    messageText: textOf(parts, 'text/plain') ?? textOfHtml(html ?? ''),
    messageHTML: html,
    attachments: parts.filter(isAttachment).slice(0, MAX_ATTACHMENTS).map(attachmentOf),
    threadId: message.threadId ?? undefined,
    sentAt: sentAt(message),
  }
}

const joined = (addresses: readonly Address[], member: keyof Address): string | undefined => {
  const texts = addresses.flatMap((address) => address[member] ?? [])
  return texts.length === 0 ? undefined : texts.join(', ')
}

/** The parts without parts of their own, in their order. */
function leaves(root: Part): readonly Part[] {
  const found: Part[] = []
  const open: Part[] = [root]
  for (let part = open.shift(); part !== undefined && found.length < MAX_PARTS; part = open.shift()) {
    if (part.parts?.length) open.unshift(...part.parts.slice(0, MAX_PARTS))
    else found.push(part)
  }
  return found
}

const isAttachment = (part: Part): boolean => (part.filename ?? '') !== ''

/** The first text of its kind that is no attachment; further ones are mostly signatures and stay in the raw message. */
function textOf(parts: readonly Part[], mimeType: string): string | undefined {
  const part = parts.find((one) => one.mimeType?.toLowerCase() === mimeType && !isAttachment(one))
  const data = part?.body?.data
  return typeof data === 'string' ? decodeBody(data, charsetOf(part)) : undefined
}

function charsetOf(part: Part | undefined): string | undefined {
  const type = part?.headers?.find(({ name }) => name.toLowerCase() === 'content-type')?.value
  return /charset\s{0,4}=\s{0,4}"?([\w.:-]{1,40})/i.exec(type ?? '')?.[1]
}

/** `attachmentId` is another one in each answer, so the part's own number names it. */
function attachmentOf({ partId, filename, mimeType, body }: Part): JsonObject {
  return {
    id: partId ?? '',
    filename: filename ?? '',
    textContent: '',
    mimeType: mimeType ?? undefined,
    size: body?.size ?? undefined,
  }
}

/** The raw message without the bytes of its parts, whose texts the record has, and without ids that change. */
export function sourceOf({ payload, ...message }: Message): JsonObject {
  return { ...(message as JsonObject), payload: strippedPart(payload) }
}

function strippedPart({ body, parts, ...part }: Part): Json {
  const kept = Object.entries(body ?? {}).filter(([name]) => name !== 'data' && name !== 'attachmentId')
  return {
    ...(part as JsonObject),
    body: Object.fromEntries(kept) as JsonObject,
    ...(parts && { parts: parts.map(strippedPart) }),
  }
}
