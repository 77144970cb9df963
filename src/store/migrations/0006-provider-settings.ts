/** What the operator decides about providers while the node serves; of no tenant, and never a secret. */

export const providerSettings = `
create table provider_settings (
  provider text primary key check (provider <> ''),
  enabled boolean not null,
  settings jsonb not null,
  limits jsonb not null,
  updated_by text not null,
  updated_at_ms bigint not null
);
`
