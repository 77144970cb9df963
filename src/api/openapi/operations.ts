/** Every operation of every surface. A test holds that no address is missing. */
import { z } from 'zod'
import { calendarOperations } from '../calendar/operations.js'
import { fileOperations } from '../files/operations.js'
import { opsOperations } from '../ops/operations.js'
import { unifiedOperations } from '../unified/operations.js'
import { v1Operations } from '../v1/operations.js'
import { webhookOperations } from '../v1/webhook-operations.js'
import { inboundOperations } from '../webhooks/operations.js'
import { vaultOperations } from '../vault/operations.js'
import type { Operations } from './operation.js'

const shown = { method: 'get', proof: 'none' } as const
const pageAnswer = { 200: { description: 'A page.', type: 'text/html' } } as const

const documentOperations = {
  getDocument: {
    ...shown,
    path: '/openapi.json',
    tag: 'Documents',
    summary: 'This document',
    answers: { 200: { description: 'OpenAPI 3.1.', body: z.looseObject({ openapi: z.literal('3.1.0') }) } },
  },
  readDocument: {
    ...shown,
    path: '/docs',
    tag: 'Documents',
    summary: 'This document as a page',
    answers: pageAnswer,
  },
  home: { ...shown, path: '/', tag: 'Pages', summary: 'The start page', answers: pageAnswer },
} as const satisfies Operations

export const operations = {
  ...vaultOperations,
  ...v1Operations,
  ...unifiedOperations,
  ...webhookOperations,
  ...calendarOperations,
  ...fileOperations,
  ...inboundOperations,
  ...opsOperations,
  ...documentOperations,
} as const satisfies Operations
