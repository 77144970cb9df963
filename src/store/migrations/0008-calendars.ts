/** Connectors that were added to a tenant's subaccounts, the calendars connected there by invitation, and what is still to be done for them. */
import { policy } from './0002-tenants.js'

const TABLES = `
create table subaccount_connectors (
  id uuid primary key,
  tenant text not null check (tenant <> ''),
  -- The tenant's own unit; also the subject of its connectors.
  subaccount_id text not null check (subaccount_id <> ''),
  provider text not null,
  config jsonb not null,
  is_active boolean not null default true,
  created_at_ms bigint not null,
  updated_at_ms bigint not null,
  unique (id, tenant),
  unique (tenant, subaccount_id, provider)
);

create table subaccount_calendars (
  id uuid primary key,
  tenant text not null,
  subaccount_connector_id uuid not null,
  connector_id uuid not null unique,
  -- Of the newest link: who asks with it has not signed in yet.
  link_hash text not null unique,
  link_expires_at_ms bigint not null,
  link_used_at_ms bigint,
  mailed_at_ms bigint,
  connected_at_ms bigint,
  created_at_ms bigint not null,
  updated_at_ms bigint not null,
  unique (id, tenant),
  foreign key (subaccount_connector_id, tenant) references subaccount_connectors (id, tenant) on delete cascade,
  foreign key (connector_id, tenant) references connectors (id, tenant) on delete cascade
);
create index subaccount_calendars_of on subaccount_calendars (subaccount_connector_id, created_at_ms, id);

create table calendar_outbox (
  id uuid primary key,
  tenant text not null,
  calendar_id uuid not null,
  kind text not null check (kind in ('mail', 'metadata')),
  tries int not null default 0,
  next_try_at_ms bigint not null,
  -- When it was put into the queue for its next try.
  queued_at_ms bigint,
  last_error_code text,
  created_at_ms bigint not null,
  unique (calendar_id, kind),
  foreign key (calendar_id, tenant) references subaccount_calendars (id, tenant) on delete cascade
);
create index calendar_outbox_due on calendar_outbox (kind, next_try_at_ms);
`

export const calendars = [
  TABLES,
  policy('subaccount_connectors', 'tenant'),
  policy('subaccount_calendars', 'tenant'),
  policy('calendar_outbox', 'tenant'),
].join('')
