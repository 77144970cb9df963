/** Webhooks of tenants with their outbox and log, when connectors are tested and their grants renewed, and revocations that are still to be made. */
import { policy } from './0002-tenants.js'

const TABLES = `
create table webhooks (
  id uuid primary key,
  tenant text not null check (tenant <> ''),
  url text not null,
  events jsonb not null,
  enabled boolean not null,
  disabled_reason text check (disabled_reason in ('request', 'gone', 'failing')),
  description text not null,
  secrets_sealed text not null,
  failing_since_ms bigint,
  hold_until_ms bigint,
  version int not null default 1,
  created_at_ms bigint not null,
  updated_at_ms bigint not null,
  unique (id, tenant)
);
create index webhooks_tenant on webhooks (tenant, created_at_ms, id);

create table webhook_events (
  id text primary key,
  tenant text not null check (tenant <> ''),
  type text not null,
  -- As it is signed and sent, to the byte.
  payload text not null,
  created_at_ms bigint not null,
  unique (id, tenant)
);
create index webhook_events_tenant on webhook_events (tenant, created_at_ms, id);
create index webhook_events_age on webhook_events (created_at_ms);

create table webhook_deliveries (
  id uuid primary key,
  tenant text not null,
  webhook_id uuid not null,
  event_id text not null,
  state text not null check (state in ('waiting', 'delivered', 'failed', 'cancelled')),
  -- Of this round; a replay begins a new one.
  tries int not null default 0,
  attempts jsonb not null default '[]',
  next_try_at_ms bigint,
  -- When it was put into the queue for its next try.
  queued_at_ms bigint,
  created_at_ms bigint not null,
  updated_at_ms bigint not null,
  unique (webhook_id, event_id),
  foreign key (webhook_id, tenant) references webhooks (id, tenant) on delete cascade,
  foreign key (event_id, tenant) references webhook_events (id, tenant) on delete cascade
);
create index webhook_deliveries_log on webhook_deliveries (webhook_id, created_at_ms, id);
create index webhook_deliveries_event on webhook_deliveries (event_id);
create index webhook_deliveries_due on webhook_deliveries (next_try_at_ms) where state = 'waiting';

alter table connectors add column next_probe_at_ms bigint;
alter table connectors add column probed_at_ms bigint;
alter table connectors add column probe_error_code text;
alter table connectors add column next_renewal_at_ms bigint;
create index connectors_probe on connectors (next_probe_at_ms nulls first) where status in ('active', 'error', 'tested');

create table revocations (
  id uuid primary key,
  tenant text not null check (tenant <> ''),
  -- Of a connector that is gone.
  connector_id uuid not null,
  type text not null,
  tokens_sealed text not null,
  tries int not null default 0,
  next_try_at_ms bigint not null,
  queued_at_ms bigint,
  until_ms bigint not null,
  last_error_code text,
  created_at_ms bigint not null
);
create index revocations_due on revocations (next_try_at_ms);
`

export const webhooksOut = [
  TABLES,
  policy('webhooks', 'tenant'),
  policy('webhook_events', 'tenant'),
  policy('webhook_deliveries', 'tenant'),
  policy('revocations', 'tenant'),
].join('')
