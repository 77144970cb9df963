/** The tables of the Vault's journey: connect, sync, prove, erase. Plain SQL for PostgreSQL 15 and newer; never edited once released. */

export const journey = `
create table settings (
  key text primary key,
  value jsonb not null
);

create table oauth_states (
  handle_hash text primary key,
  cookie_hash text not null,
  provider text not null,
  did text not null,
  key_fingerprint text,
  redirect text,
  flow text not null check (flow in ('link', 'code')),
  challenge text,
  verifier_sealed text,
  expires_at_ms bigint not null
);
create index oauth_states_expiry on oauth_states (expires_at_ms);

create table redeem_codes (
  code_hash text primary key,
  provider text not null,
  did text not null,
  challenge text not null,
  payload_sealed text not null,
  failures int not null default 0,
  expires_at_ms bigint not null
);
create index redeem_codes_expiry on redeem_codes (expires_at_ms);

create table grants (
  id text primary key,
  provider text not null,
  did text not null,
  account_hash text not null,
  key_fingerprint text,
  generation int not null,
  tokens_sealed text,
  presented_generation int not null,
  last_run_at_ms bigint,
  last_request jsonb,
  revoked_at_ms bigint,
  created_at_ms bigint not null
);
create index grants_account on grants (did, provider, account_hash);

create table connections (
  id uuid primary key,
  owner text not null,
  provider text not null,
  account_hash text not null,
  custody text not null check (custody in ('vault', 'node')),
  destination text not null check (destination in ('vault', 'tables')),
  status text not null
    check (status in ('pending', 'tested', 'active', 'paused', 'error', 'reconnect_needed', 'revoked')),
  -- Fits the 8 hex digits that it takes in a revision.
  lease_number bigint not null default 0 check (lease_number between 0 and 4294967295),
  lease_holder text,
  lease_until_ms bigint,
  created_at_ms bigint not null,
  updated_at_ms bigint not null,
  unique (owner, provider, account_hash)
);

create table vault_databases (
  name text primary key,
  connection_id uuid not null references connections (id),
  schema_uri text not null,
  secret_version int not null,
  grant_fingerprint text not null,
  next_sequence int not null default 1,
  last_receipt_hash text not null default repeat('0', 64),
  state_root text,
  live_count bigint not null default 0,
  forgotten_at_ms bigint,
  leaves_sealed text,
  created_at_ms bigint not null
);
create index vault_databases_connection on vault_databases (connection_id);

create table sync_cursors (
  database text not null,
  stream text not null,
  partition text not null,
  revision int not null,
  cursor_sealed text,
  scan_number int not null,
  updated_at_ms bigint not null,
  primary key (database, stream, partition)
);

create table scan_items (
  database text not null,
  stream text not null,
  partition text not null,
  document_id text not null,
  scan_number int not null,
  primary key (database, stream, partition, document_id)
);

create table syncs (
  id uuid primary key,
  connection_id uuid not null references connections (id),
  owner text not null,
  provider text not null,
  kind text not null,
  status text not null check (status in ('running', 'complete', 'error', 'interrupted')),
  stage text not null,
  lease_number bigint not null,
  key_fingerprint text,
  status_token_hash text,
  request jsonb,
  counts jsonb not null,
  issues jsonb not null,
  suspected_deletes jsonb,
  more boolean not null default false,
  error_code text,
  started_at_ms bigint not null,
  updated_at_ms bigint not null,
  finished_at_ms bigint
);
create index syncs_connection on syncs (connection_id, started_at_ms desc);
create index syncs_running on syncs (connection_id) where status = 'running';
create index syncs_request on syncs ((request ->> 'recordId'));

create table sync_events (
  id bigint generated always as identity primary key,
  sync_id uuid not null references syncs (id) on delete cascade,
  at_ms bigint not null,
  kind text not null,
  data jsonb not null
);
create index sync_events_sync on sync_events (sync_id, id);

create table quarantine (
  id uuid primary key,
  connection_id uuid not null references connections (id),
  database text not null,
  stream text not null,
  partition text not null,
  item_hash text not null,
  sealed text not null,
  reason text not null,
  created_at_ms bigint not null,
  expires_at_ms bigint not null,
  unique (database, stream, item_hash)
);
create index quarantine_expiry on quarantine (expires_at_ms);

create table receipts (
  database text not null,
  sequence int not null,
  sync_id uuid not null,
  lease_number bigint not null,
  body jsonb not null,
  signature text not null,
  hash text not null,
  created_at_ms bigint not null,
  primary key (database, sequence)
);
create index receipts_sync on receipts (sync_id);

create table staging (
  id uuid primary key,
  connection_id uuid not null references connections (id),
  database text not null,
  path text not null,
  lease_number bigint not null,
  nodes jsonb not null,
  created_at_ms bigint not null
);
create index staging_connection on staging (connection_id);

create table used_jtis (
  jti text primary key,
  expires_at_ms bigint not null
);
create index used_jtis_expiry on used_jtis (expires_at_ms);
`
