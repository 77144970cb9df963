/** A page of a mailbox's history as the messages that are there now and those that are not. Pure. */
import type { HistoryPage } from './gmail-api.js'

/** What the first reading leaves out: to be put there is to go, to be taken out is to come back. */
const HIDDEN: readonly string[] = ['TRASH', 'SPAM']

export interface States {
  readonly presentIds: readonly string[]
  readonly goneIds: readonly string[]
}

/** Of each message the last that the history says: it is in the order of time. Other labels change no record. */
export function lastStates({ history = [] }: HistoryPage): States {
  const present = new Map<string, boolean>()
  for (const { messagesAdded = [], labelsRemoved = [], labelsAdded = [], messagesDeleted = [] } of history) {
    for (const { message } of messagesAdded) present.set(message.id, true)
    for (const { message, labelIds } of labelsRemoved) if (isHidden(labelIds)) present.set(message.id, true)
    for (const { message, labelIds } of labelsAdded) if (isHidden(labelIds)) present.set(message.id, false)
    for (const { message } of messagesDeleted) present.set(message.id, false)
  }
  const idsWhere = (state: boolean): string[] =>
    [...present].flatMap(([id, isPresent]) => (isPresent === state ? [id] : []))
  return { presentIds: idsWhere(true), goneIds: idsWhere(false) }
}

const isHidden = (labelIds: readonly string[] | undefined): boolean =>
  labelIds?.some((label) => HIDDEN.includes(label)) ?? false
