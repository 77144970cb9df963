/** Webhooks that services call: registrations, deliveries that were taken, and connectors that are to be read again. */
import { policy } from './0002-tenants.js'

const TABLES = `
-- Keyed, and only for what services tell of an account: it names nobody.
alter table connectors add column account_hash text;
create index connectors_account on connectors (type, account_hash);
alter table connections add column changed_at_ms bigint;
create index connections_account on connections (provider, account_hash) where custody = 'vault';

create table inbound_webhooks (
  id uuid primary key,
  tenant text not null,
  connector_id uuid not null unique,
  provider text not null,
  -- Of the part of its address that nobody can guess.
  path_hash text not null unique,
  registration_sealed text not null,
  streams jsonb not null,
  status text not null check (status in ('pending', 'active', 'failed')),
  expires_at_ms bigint,
  renew_at_ms bigint,
  last_delivery_at_ms bigint,
  last_error_code text,
  created_at_ms bigint not null,
  updated_at_ms bigint not null,
  foreign key (connector_id, tenant) references connectors (id, tenant) on delete cascade
);
create index inbound_webhooks_renewal on inbound_webhooks (renew_at_ms);

create table inbound_deliveries (
  -- A provider, or a registration.
  endpoint text not null,
  delivery_hash text not null,
  received_at_ms bigint not null,
  primary key (endpoint, delivery_hash)
);
create index inbound_deliveries_age on inbound_deliveries (received_at_ms);
alter table inbound_deliveries enable row level security;
alter table inbound_deliveries force row level security;
create policy node_rows on inbound_deliveries
  using (current_setting('app.scope', true) = 'node')
  with check (current_setting('app.scope', true) = 'node');

create table inbound_changes (
  connector_id uuid primary key,
  tenant text not null,
  -- Null: all of them.
  streams jsonb,
  deliveries int not null,
  first_at_ms bigint not null,
  due_at_ms bigint not null,
  foreign key (connector_id, tenant) references connectors (id, tenant) on delete cascade
);
create index inbound_changes_due on inbound_changes (due_at_ms);
`

export const webhooksIn = [
  TABLES,
  policy('inbound_webhooks', 'tenant'),
  policy('inbound_changes', 'tenant'),
].join('')
