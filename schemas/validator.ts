/** Validates records as Verida's client does: Ajv for 2020-12, not strict, with formats. Compiled once per schema. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { pinnedSchemas } from './pinned.js'

export interface ValidationFault {
  /** JSON pointer into the record; a missing field is named as if it were there. */
  readonly path: string
  readonly message: string
}

export type Validation =
  | { readonly ok: true }
  /** As client-ts does, validation stops at the first fault of each subschema. */
  | { readonly ok: false; readonly errors: readonly ValidationFault[] }

export type Validator = (record: unknown) => Validation

const OK: Validation = { ok: true }
const validators = new Map<string, Validator>()
let ajv: Ajv2020 | undefined

/**
 * The validator of a pinned schema.
 * @throws RangeError when the URI is not pinned.
 */
export function createValidator(uri: string): Validator {
  const known = validators.get(uri)
  if (known) return known
  ajv ??= createAjv()
  const check = ajv.getSchema(uri)
  if (!check) throw new RangeError(`the schema is not pinned: ${uri}`)
  const validator: Validator = (record) => (check(record) ? OK : { ok: false, errors: faults(check) })
  validators.set(uri, validator)
  return validator
}

function createAjv(): Ajv2020 {
  const instance = new Ajv2020({ strict: false, logger: false })
  formats.default(instance)
  // The client has an older ajv-formats, to which the zone of a date-time is optional; a record it takes must not be lost here.
  instance.addFormat('date-time', formats.default.get('iso-date-time'))
  for (const schema of pinnedSchemas().values()) instance.addSchema(schema)
  return instance
}

function faults(check: ValidateFunction): readonly ValidationFault[] {
  return (check.errors ?? []).map((error) => ({
    path: faultPath(error),
    message: error.message ?? error.keyword,
  }))
}

function faultPath(error: ErrorObject): string {
  const params = error.params as { readonly missingProperty?: string }
  if (error.keyword !== 'required' || params.missingProperty === undefined) return error.instancePath
  return `${error.instancePath}/${params.missingProperty.replaceAll('~', '~0').replaceAll('/', '~1')}`
}
