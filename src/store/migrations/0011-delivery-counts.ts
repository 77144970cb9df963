/** What became of services' deliveries, counted over all processes. */
export const deliveryCounts = `
create table delivery_counts (
  -- A provider of the catalog, or '-'.
  provider text not null,
  outcome text not null,
  count bigint not null,
  primary key (provider, outcome)
);
alter table delivery_counts enable row level security;
alter table delivery_counts force row level security;
create policy node_rows on delivery_counts
  using (current_setting('app.scope', true) = 'node')
  with check (current_setting('app.scope', true) = 'node');
`
