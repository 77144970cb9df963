/** Connections whose files are listed on a schedule, a log of their runs, and views that give files and connections by their seed names. */
import { policy } from './0002-tenants.js'

const TABLES = `
create table file_connections (
  connector_id uuid primary key,
  tenant text not null,
  project_id text not null default '',
  description text,
  file_types jsonb not null default '["*"]',
  max_files_per_sync int not null default 1000 check (max_files_per_sync > 0),
  tags jsonb not null default '[]',
  last_sync_status text not null default 'pending'
    check (last_sync_status in ('pending', 'running', 'completed', 'partial', 'failed', 'interrupted')),
  -- Counts changes of file_types: after one, everything is read anew.
  selection int not null default 1,
  foreign key (connector_id, tenant) references connectors (id, tenant) on delete cascade
);
create index file_connections_tenant on file_connections (tenant, connector_id);

create table sync_logs (
  -- Of the sync.
  id uuid primary key,
  connector_id uuid not null,
  tenant text not null,
  status text not null check (status in ('completed', 'partial', 'failed', 'interrupted')),
  started_at_ms bigint not null,
  finished_at_ms bigint not null,
  items_read bigint not null,
  files_written bigint not null,
  files_unchanged bigint not null,
  files_deleted bigint not null,
  files_skipped bigint not null,
  error_code text,
  foreign key (connector_id, tenant) references connectors (id, tenant) on delete cascade
);
create index sync_logs_connector on sync_logs (connector_id, started_at_ms, id);

create index records_source on records (connector_id, schema_uri, source_id);
create index records_files on records (tenant, sequence) where schema_uri ~ '/file/v[0-9.]+/schema[.]json$';
`

/** The frequency is the connector's own: what the seed keeps in three columns is read out of it. */
const ENDPOINTS = `
create view endpoints with (security_invoker = true) as
select c.id, c.tenant, c.display_name as name, replace(c.type, '-', '_') as endpoint_type, f.project_id,
  c.subject as user_id, f.description, c.status not in ('paused', 'tested', 'revoked') as enabled,
  case
    when c.sync_frequency is null then 'manual'
    when s.minutes is null then 'cron'
    else 'interval'
  end as schedule_type,
  case when s.minutes is null then c.sync_frequency end as schedule_cron,
  s.minutes as interval_minutes,
  f.file_types, f.max_files_per_sync, coalesce(c.config -> 'fields', '{}') as endpoint_config, f.tags,
  f.last_sync_status, c.status, c.last_error_code, c.next_run_at_ms, c.last_success_at_ms, c.version,
  c.created_at_ms, c.updated_at_ms
from file_connections f
join connectors c on c.id = f.connector_id
cross join lateral (select case lower(c.sync_frequency)
  when 'hourly' then 60
  when 'daily' then 1440
  when 'weekly' then 10080
  else substring(lower(c.sync_frequency) from '^every ([0-9]{1,6}) minutes?$')::int
end as minutes) s;
`

/** A time that PostgreSQL can hold: one row with another one must not end every query. */
const timeOf = (text: string): string =>
  `case when ${text} ~ '^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-](0[0-9]|1[0-5]):[0-5][0-9])$'
    then (${text})::timestamptz end`

const FOLDER = `'(^|[./+-])(folder|directory)$'`
const MOST_FOLDERS = 64

/**
 * Up the folders, by the parent that the service told: \`sourceData.parentId\`, or the first of \`sourceData.parents\`. Ids of
 * one part of an account may share a prefix before the last slash. A circle ends.
 */
const PATH = `
  with recursive up(name, source_id, parent, depth) as (
    select r.data ->> 'name', r.source_id,
      coalesce(r.data #>> '{sourceData,parentId}', r.data #>> '{sourceData,parents,0}'), 0
    union all
    select p.data ->> 'name', p.source_id,
      coalesce(p.data #>> '{sourceData,parentId}', p.data #>> '{sourceData,parents,0}'), up.depth + 1
    from up join records p on p.connector_id = r.connector_id and p.schema_uri = r.schema_uri and not p.deleted
      and p.source_id = regexp_replace(up.source_id, '[^/]*$', '') || up.parent
    where up.depth < ${MOST_FOLDERS}
  )
  select '/' || string_agg(replace(name, '/', '%2F'), '/' order by depth desc) from up`

/**
 * Files as the records have them: nothing is kept twice, so that a folder that was moved moves all that is in it. A record
 * that was deleted holds nothing but its id.
 */
const FILES = `
create view files with (security_invoker = true) as
select r.document_id as id, r.connector_id as endpoint_id, r.tenant, r.source_id as external_file_id,
  r.data ->> 'name' as file_name,
  case when not r.deleted then (${PATH}) end as file_path,
  r.data ->> 'uri' as file_link,
  -- Native documents have no size, which the schema demands: theirs is 0 and the service told none.
  case
    when jsonb_typeof(r.data -> 'size') <> 'number' or (r.data ->> 'size')::numeric not between 0 and 9007199254740991
      then null
    when (r.data ->> 'size')::numeric = 0 and r.data #>> '{sourceData,size}' is null then null
    else trunc((r.data ->> 'size')::numeric)::bigint
  end as file_size,
  lower(coalesce(nullif(r.data ->> 'extension', ''), case
    when r.data ->> 'mimeType' like '%/octet-stream' then substring(r.data ->> 'name' from '[.]([A-Za-z0-9]{1,16})$')
    else substring(r.data ->> 'mimeType' from '[^./+-]+$')
  end)) as file_type,
  r.data ->> 'mimeType' as mime_type,
  ${timeOf(`r.data ->> 'insertedAt'`)} as external_created_at,
  ${timeOf(`r.data ->> 'modifiedAt'`)} as external_updated_at,
  case when r.deleted then 'deleted' else 'completed' end as sync_status,
  coalesce(r.data -> 'sourceData', '{}') as file_metadata,
  coalesce(r.data #>> '{sourceData,version}', r.data #>> '{sourceData,versionNumber}') as version,
  coalesce('sha256:' || (r.data #>> '{sourceData,sha256Checksum}'), 'md5:' || (r.data #>> '{sourceData,md5Checksum}'))
    as checksum,
  case when r.deleted then to_timestamp(r.updated_at_ms / 1000.0) end as deleted_at,
  to_timestamp(r.updated_at_ms / 1000.0) as synced_at,
  r.sequence
from records r
where r.schema_uri ~ '/file/v[0-9.]+/schema[.]json$'
  and (r.deleted or r.data ->> 'mimeType' is null or lower(r.data ->> 'mimeType') !~ ${FOLDER});
`

export const fileConnections = [
  TABLES,
  policy('file_connections', 'tenant'),
  policy('sync_logs', 'tenant'),
  ENDPOINTS,
  FILES,
].join('')
