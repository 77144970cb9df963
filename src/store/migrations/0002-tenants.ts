/** The tables of tenants and their connectors; a row is seen only in its tenant's transactions, or in the node's own (store.ts). */

/** Who may see a row: PostgreSQL gives an empty text for a setting of an earlier transaction, and no tenant is named so. */
export const policy = (table: string, column: string): string => `
alter table ${table} enable row level security;
-- The owner too: a node may have to log in as the owner.
alter table ${table} force row level security;
create policy tenant_rows on ${table}
  using (${column} = current_setting('app.tenant', true) or current_setting('app.scope', true) = 'node')
  with check (${column} = current_setting('app.tenant', true) or current_setting('app.scope', true) = 'node');
`

const TABLES = `
create table tenants (
  id text primary key check (id <> ''),
  name text not null,
  created_at_ms bigint not null
);

create table connectors (
  id uuid primary key,
  tenant text not null check (tenant <> ''),
  subject text not null,
  type text not null,
  display_name text not null,
  auth_kind text not null,
  config jsonb not null,
  status text not null
    check (status in ('pending', 'tested', 'active', 'paused', 'error', 'reconnect_needed', 'revoked')),
  streams jsonb,
  sync_frequency text,
  next_run_at_ms bigint,
  connection_id uuid not null unique references connections (id),
  last_success_at_ms bigint,
  last_error_at_ms bigint,
  last_error_code text,
  consecutive_failures int not null default 0,
  version int not null default 1,
  created_at_ms bigint not null,
  updated_at_ms bigint not null,
  -- What hangs on a connector names its tenant too, and cannot name another one.
  unique (id, tenant)
);
create index connectors_tenant on connectors (tenant, created_at_ms, id);
create index connectors_due on connectors (next_run_at_ms) where status = 'active';

create table connector_credentials (
  connector_id uuid not null,
  field text not null,
  tenant text not null,
  sealed text not null,
  generation int not null,
  updated_at_ms bigint not null,
  primary key (connector_id, field),
  foreign key (connector_id, tenant) references connectors (id, tenant) on delete cascade
);

create table service_tokens (
  id uuid primary key,
  tenant text not null check (tenant <> ''),
  name text not null,
  token_hash text not null unique,
  scopes jsonb not null,
  expires_at_ms bigint,
  last_used_at_ms bigint,
  revoked_at_ms bigint,
  created_at_ms bigint not null
);
create index service_tokens_tenant on service_tokens (tenant, created_at_ms, id);

create table audit_log (
  id bigint generated always as identity primary key,
  tenant text not null check (tenant <> ''),
  at_ms bigint not null,
  actor text not null,
  action text not null,
  subject text not null,
  facts jsonb not null
);
create index audit_log_tenant on audit_log (tenant, id);
create index audit_log_subject on audit_log (tenant, subject, id);

create sequence record_sequence;
create table records (
  connector_id uuid not null,
  schema_uri text not null,
  document_id text not null,
  tenant text not null,
  stream text not null,
  source_id text not null,
  data jsonb not null,
  content_hash text not null,
  deleted boolean not null default false,
  sequence bigint not null default nextval('record_sequence'),
  created_at_ms bigint not null,
  updated_at_ms bigint not null,
  primary key (connector_id, schema_uri, document_id),
  foreign key (connector_id, tenant) references connectors (id, tenant) on delete cascade
);
create index records_sequence on records (connector_id, sequence);
create index records_schema_sequence on records (connector_id, schema_uri, sequence);

create table usage_daily (
  connector_id uuid not null,
  day text not null check (day ~ '^\\d{4}-\\d{2}-\\d{2}$'),
  tenant text not null,
  calls bigint not null default 0,
  records bigint not null default 0,
  bytes bigint not null default 0,
  errors bigint not null default 0,
  primary key (connector_id, day),
  foreign key (connector_id, tenant) references connectors (id, tenant) on delete cascade
);

create table idempotency_keys (
  tenant text not null check (tenant <> ''),
  key text not null,
  request_hash text not null,
  status int,
  body jsonb,
  expires_at_ms bigint not null,
  primary key (tenant, key)
);
create index idempotency_keys_expiry on idempotency_keys (expires_at_ms);
`

export const tenants = [
  TABLES,
  policy('tenants', 'id'),
  policy('connectors', 'tenant'),
  policy('connector_credentials', 'tenant'),
  policy('service_tokens', 'tenant'),
  policy('audit_log', 'tenant'),
  policy('records', 'tenant'),
  policy('usage_daily', 'tenant'),
  policy('idempotency_keys', 'tenant'),
].join('')
