/** A tenant's connector whose records are a DID's: they go to that DID's encrypted databases, and not to the tenant's rows. */

export const ownedConnectors = `
alter table connectors
  add column destination text not null default 'tables' check (destination in ('tables', 'vault')),
  add column owner_did text,
  add constraint connectors_owner check ((destination = 'vault') = (owner_did is not null));
`
