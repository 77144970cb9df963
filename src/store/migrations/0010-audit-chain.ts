/**
 * The audit log as a chain for each tenant: each row's hash covers the one before, and no row is changed or removed.
 * All of it is the database's own: whoever writes a row, it is chained.
 */

export const auditChain = `
alter table audit_log
  -- Counted from 1 in each tenant, without gaps.
  add column position bigint,
  add column address text,
  add column request_id text,
  -- SHA-256 over the hash before and the row.
  add column hash text;

create table audit_heads (
  tenant text primary key check (tenant <> ''),
  position bigint not null,
  hash text not null
);
alter table audit_heads enable row level security;
alter table audit_heads force row level security;
create policy tenant_rows on audit_heads
  using (tenant = current_setting('app.tenant', true) or current_setting('app.scope', true) = 'node')
  with check (tenant = current_setting('app.tenant', true) or current_setting('app.scope', true) = 'node');

-- The text of a jsonb is one for equal values: members in a fixed order, numbers as they were given.
create function audit_hash(before text, entry audit_log) returns text language sql immutable as $$
  select encode(sha256(convert_to(before || jsonb_build_array(
    entry.tenant, entry.position, entry.at_ms, entry.actor, entry.action, entry.subject, entry.facts,
    entry.address, entry.request_id
  )::text, 'UTF8')), 'hex')
$$;

-- The owner's: who works as another role adds to the chain, and cannot touch its head.
create function chain_audit_row() returns trigger language plpgsql security definer set search_path from current as $$
declare
  head audit_heads;
begin
  -- An import brings its chain along.
  if new.hash is not null then return new; end if;
  -- Until the transaction ends nobody else adds to this tenant's chain.
  select * into head from audit_heads where tenant = new.tenant for update;
  if not found then
    insert into audit_heads values (new.tenant, 0, repeat('0', 64)) on conflict do nothing;
    select * into head from audit_heads where tenant = new.tenant for update;
  end if;
  new.position := head.position + 1;
  new.hash := audit_hash(head.hash, new);
  update audit_heads set position = new.position, hash = new.hash where tenant = new.tenant;
  return new;
end $$;

create function keep_audit_rows() returns trigger language plpgsql as $$
begin
  raise exception 'the audit log is added to, never changed' using errcode = 'insufficient_privilege';
end $$;

-- Rows of earlier versions, in the order in which they came.
do $$
declare
  entry audit_log;
begin
  perform set_config('app.scope', 'node', true);
  for entry in select * from audit_log order by tenant, id loop
    insert into audit_heads as heads values (entry.tenant, 1, repeat('0', 64))
      on conflict (tenant) do update set position = heads.position + 1
      returning position into entry.position;
    entry.hash := audit_hash((select hash from audit_heads where tenant = entry.tenant), entry);
    update audit_log set position = entry.position, hash = entry.hash where id = entry.id;
    update audit_heads set hash = entry.hash where tenant = entry.tenant;
  end loop;
  perform set_config('app.scope', '', true);
end $$;

alter table audit_log
  alter column position set not null,
  alter column hash set not null,
  add constraint audit_log_position unique (tenant, position);
drop index audit_log_tenant;
drop index audit_log_subject;
create index audit_log_subject on audit_log (tenant, subject, position);
create index audit_log_actor on audit_log (tenant, actor, position);
create index audit_log_action on audit_log (tenant, action, position);
create index audit_log_time on audit_log (tenant, at_ms);

create trigger chain_rows before insert on audit_log for each row execute function chain_audit_row();
create trigger keep_rows before update or delete on audit_log for each row execute function keep_audit_rows();
create trigger keep_table before truncate on audit_log for each statement execute function keep_audit_rows();
create trigger keep_heads before delete on audit_heads for each row execute function keep_audit_rows();
create trigger keep_head_table before truncate on audit_heads for each statement execute function keep_audit_rows();
`
