/** What the Gmail API v1 answers, each field that we read. https://developers.google.com/workspace/gmail/api/reference/rest/v1 */
import { z } from '../../src/provider/index.js'

export const GMAIL_API = 'https://gmail.googleapis.com/gmail/v1/users/me'
export const GMAIL_HOST = 'gmail.googleapis.com'

/** Units of a call. https://developers.google.com/workspace/gmail/api/reference/quota#per-method-quota */
export const COST = { profile: 1, list: 5, history: 2, message: 20 }

const id = z.string().min(1)
const text = z.string().nullish()

/** https://developers.google.com/workspace/gmail/api/reference/rest/v1/users/getProfile */
export const profile = z.object({ historyId: id })

export const stub = z.object({ id })

/** https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/list. An empty mailbox has no `messages`. */
export const messagesPage = z.object({
  messages: z.array(z.unknown()).optional(),
  nextPageToken: z.string().optional(),
  resultSizeEstimate: z.number(),
})

const labelled = z.object({ message: stub, labelIds: z.array(z.string()).optional() })

/** https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.history/list. Nothing new: no `history`. */
export const historyPage = z.object({
  history: z
    .array(
      z.object({
        messagesAdded: z.array(labelled).optional(),
        messagesDeleted: z.array(labelled).optional(),
        labelsAdded: z.array(labelled).optional(),
        labelsRemoved: z.array(labelled).optional(),
      }),
    )
    .optional(),
  nextPageToken: z.string().optional(),
  historyId: id,
})
export type HistoryPage = z.output<typeof historyPage>

const header = z.object({ name: z.string(), value: z.string() })

/** https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages#MessagePart. `data` is base64url. */
export const part = z.looseObject({
  partId: text,
  mimeType: text,
  filename: text,
  headers: z.array(header).nullish(),
  body: z.looseObject({ size: z.number().nullish(), data: text, attachmentId: text }).nullish(),
  get parts() {
    return z.array(part).nullish()
  },
})
export type Part = z.output<typeof part>

/** https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages#Message. `internalDate`: ms since 1970. */
export const message = z.looseObject({
  id,
  threadId: text,
  labelIds: z.array(z.string()).nullish(),
  snippet: text,
  internalDate: z.string().regex(/^\d{1,15}$/),
  payload: part,
})
export type Message = z.output<typeof message>
