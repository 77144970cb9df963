/** File connections by the names of their seed: the bodies that are taken, and how one is shown. Credentials go in and never out. */
import { z } from 'zod'
import type { FileWishes, NewFileConnection } from '../../connectors/index.js'
import type { Did } from '../../lib/did.js'
import { NodeError } from '../../errors.js'
import type { FileConnection } from '../../store/index.js'
import { printableText } from '../v1/printable-text.js'
import { fileContentMaxBytes, ownerMembers, time } from '../v1/connector-json.js'

const wishes = {
  name: z.string().max(1_000).optional(),
  project_id: printableText(200).optional(),
  description: printableText(2_000).nullable().optional(),
  enabled: z.boolean().optional(),
  schedule_type: z.enum(['interval', 'cron']).optional(),
  schedule_cron: z.string().max(200).optional(),
  interval_minutes: z.number().int().min(1).max(1_000_000).optional(),
  file_types: z
    .array(z.string().max(1_000))
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'Globs of names, endings, or MIME types with `*`.', example: ['*.pdf', 'image/*'] }),
  max_files_per_sync: z.number().int().min(1).max(1_000_000).optional(),
  file_content_max_bytes: fileContentMaxBytes,
  endpoint_config: z
    .record(z.string(), z.unknown())
    .optional()
    .meta({ description: 'Credentials, by the form of the catalog.' }),
  auth_kind: z.string().max(40).optional(),
  tags: z.array(printableText(64)).max(50).optional(),
}

/** Anything beside these members is refused: whose it is, tokens and cursors are not a caller's to set. */
export const newFileConnectionBody = z.strictObject({
  endpoint_type: z.string().min(1).max(64),
  ...wishes,
  ...ownerMembers,
})
export const fileConnectionChangesBody = z.strictObject(wishes)

type Changes = z.infer<typeof fileConnectionChangesBody>

export function toFileWishes(body: Changes): FileWishes {
  const facts = {
    projectId: body.project_id,
    description: body.description,
    fileTypes: body.file_types,
    maxFilesPerSync: body.max_files_per_sync,
    tags: body.tags,
  }
  const named = Object.entries(facts).filter(([, value]) => value !== undefined)
  return {
    name: body.name,
    authKind: body.auth_kind,
    endpointConfig: body.endpoint_config,
    syncFrequency: frequencyOf(body),
    fileContentMaxBytes: body.file_content_max_bytes,
    enabled: body.enabled,
    facts: Object.fromEntries(named),
  }
}

export const toNewFileConnection = (
  body: z.infer<typeof newFileConnectionBody>,
  ownerDid: Did | undefined,
): NewFileConnection => ({
  ...toFileWishes(body),
  endpointType: body.endpoint_type,
  ownerDid,
})

const [DEFAULT_CRON, DEFAULT_MINUTES] = ['*/5 * * * *', 5]

/** `undefined`: nothing was said of it. */
function frequencyOf({ schedule_type, schedule_cron, interval_minutes }: Changes): string | undefined {
  const type = schedule_type ?? (schedule_cron !== undefined && interval_minutes === undefined ? 'cron' : '')
  if (type === '' && interval_minutes === undefined) return undefined
  return type === 'cron'
    ? (schedule_cron ?? DEFAULT_CRON)
    : `every ${interval_minutes ?? DEFAULT_MINUTES} minutes`
}

/** Refusals name the members of /v1: here they have those of the seed. */
const SEED_NAMES: Readonly<Record<string, string>> = {
  connector_type: 'endpoint_type',
  display_name: 'name',
  config: 'endpoint_config',
  'options.file_content_max_bytes': 'file_content_max_bytes',
}

export async function bySeedNames<T>(body: Changes, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof NodeError) || error.fields === undefined) throw error
    const schedule = frequencyOf(body)?.startsWith('every ') === true ? 'interval_minutes' : 'schedule_cron'
    const names = { ...SEED_NAMES, sync_frequency: schedule }
    const fields = error.fields.map(({ path, message }) => {
      if (Object.hasOwn(names, path)) return { path: names[path as keyof typeof names], message }
      const [first = '', ...rest] = path.split('.')
      const name = Object.hasOwn(names, first) ? names[first as keyof typeof names] : first
      return { path: [name, ...rest].join('.'), message }
    })
    const { code, detail } = error
    throw new NodeError(code, { fields, cause: error, ...(detail !== undefined && { detail }) })
  }
}

export function fileConnectionJson(connection: FileConnection): object {
  return {
    id: connection.id,
    name: connection.name,
    endpoint_type: connection.endpointType,
    project_id: connection.projectId,
    user_id: connection.userId,
    description: connection.description,
    enabled: connection.enabled,
    status: connection.status,
    schedule_type: connection.scheduleType,
    schedule_cron: connection.scheduleCron,
    interval_minutes: connection.intervalMinutes,
    file_types: connection.fileTypes,
    max_files_per_sync: connection.maxFilesPerSync,
    destination: connection.destination,
    owner_did: connection.ownerDid,
    file_content_max_bytes: connection.fileContentMaxBytes,
    endpoint_config: connection.endpointConfig,
    tags: connection.tags,
    last_sync_status: connection.lastSyncStatus,
    last_error_code: connection.lastErrorCode,
    next_run_at: time(connection.nextRunAtMs),
    last_success_at: time(connection.lastSuccessAtMs),
    created_at: time(connection.createdAtMs),
    updated_at: time(connection.updatedAtMs),
  }
}
