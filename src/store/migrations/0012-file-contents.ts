/** Which contents of files are kept in a vault's databases, and which are still to be fetched; file connections say so. */

const TABLE = `
create table file_contents (
  database text not null,
  stream text not null,
  document_id text not null,
  state text not null check (state in ('wanted', 'settled')),
  sealed text not null,
  failures int not null,
  updated_at_ms bigint not null,
  primary key (database, stream, document_id)
);
create index file_contents_wanted on file_contents (database, stream, failures, document_id) where state = 'wanted';
`

/** As it was, and where the records go. */
const ENDPOINTS = `
create or replace view endpoints with (security_invoker = true) as
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
  c.created_at_ms, c.updated_at_ms,
  c.destination, c.owner_did, (c.config #>> '{fileContent,maxBytes}')::bigint as file_content_max_bytes
from file_connections f
join connectors c on c.id = f.connector_id
cross join lateral (select case lower(c.sync_frequency)
  when 'hourly' then 60
  when 'daily' then 1440
  when 'weekly' then 10080
  else substring(lower(c.sync_frequency) from '^every ([0-9]{1,6}) minutes?$')::int
end as minutes) s;
`

export const fileContents = TABLE + ENDPOINTS
