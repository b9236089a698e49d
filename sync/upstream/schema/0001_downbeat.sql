-- What every table of the boxes needs: who may write, how a row is versioned,
-- and how far each box has come. An administrator applies this with
-- `downbeat upstream migrate`; boxes never alter anything.

do $$ begin
  create role downbeat_box nologin;
exception when duplicate_object or unique_violation then null; -- for another database of this cluster
end $$;
grant usage on schema downbeat to downbeat_box;
grant select on downbeat.migrations to downbeat_box;

-- This database. A copy of it in another cluster has another system identifier.
create table downbeat.epoch (id uuid not null default gen_random_uuid());
insert into downbeat.epoch default values;
create function downbeat.epoch() returns text language sql stable security definer set search_path = '' as $$
  select id || '/' || (select system_identifier from pg_catalog.pg_control_system()) from downbeat.epoch
$$;

-- The logins of boxes. One row revokes a box.
create table downbeat.logins (
  login name primary key,
  school text not null,
  admitted_at timestamptz not null default now(),
  revoked_at timestamptz
);

-- school is the school of this login; null if it was not admitted or is revoked.
create function downbeat.school() returns text language sql stable security definer set search_path = '' as $$
  select school from downbeat.logins where login = session_user and revoked_at is null
$$;

-- home is the school of a row that somebody other than a box writes: the only
-- one that there is.
create function downbeat.home() returns text language sql stable security definer set search_path = '' as $$
  select coalesce(downbeat.school(), (select min(school) from downbeat.logins having count(distinct school) = 1), '')
$$;

create function downbeat.admit(login name, school text default '') returns void language plpgsql set search_path = '' as $$
begin
  execute format('grant downbeat_box to %I', login);
  insert into downbeat.logins (login, school) values (admit.login, admit.school)
    on conflict on constraint logins_pkey do update set school = excluded.school, revoked_at = null;
end $$;

create function downbeat.revoke(login name) returns void language sql set search_path = '' as $$
  update downbeat.logins as l set revoked_at = now() where l.login = revoke.login
$$;
revoke execute on function downbeat.admit, downbeat.revoke from public;

-- How far each box has come. A database that was restored is behind its boxes. A
-- batch by a run that a box does not know is of a copy of the box's data.
create table downbeat.boxes (
  sender uuid primary key,
  run uuid not null,
  school text not null default downbeat.home(),
  login name not null default session_user,
  batch bigint not null,
  seen_at timestamptz not null default now()
);
alter table downbeat.boxes enable row level security;
create policy box on downbeat.boxes to downbeat_box
  using (school = (select downbeat.school())) with check (school = (select downbeat.school()));
grant select, insert, update on downbeat.boxes to downbeat_box;

-- note notes a batch in its transaction. It fails if a copy of the box has sent
-- the last one: then the box takes another name, by which the copy sees its rows.
create function downbeat.note(sender uuid, run uuid, before uuid, batch bigint) returns void language plpgsql as $$
begin
  insert into downbeat.boxes as b (sender, run, batch) values (note.sender, note.run, note.batch)
    on conflict on constraint boxes_pkey do update set run = excluded.run, batch = excluded.batch, seen_at = clock_timestamp()
    where b.run in (note.run, note.before);
  if not found then
    raise exception 'a copy of this box has sent the last batch' using errcode = 'DB001';
  end if;
end $$;

-- stamp gives each version of a row its transaction, and a row that a box did not
-- write its version too: milliseconds since 1970 and sixteen bits of a counter. A
-- box whose clock is years ahead would make rows that nobody else can change.
create function downbeat.stamp() returns trigger language plpgsql as $$
declare
  ms bigint := extract(epoch from clock_timestamp()) * 1000;
begin
  new.xid := pg_current_xact_id();
  if current_setting('downbeat.sender', true) <> '' then
    if new.hlc > (ms + 300000) << 16 then
      raise exception 'the version of the row is more than five minutes ahead of this database'
        using errcode = 'datetime_field_overflow';
    end if;
    new.box_id := current_setting('downbeat.sender')::uuid;
    return new;
  end if;
  new.hlc := ms << 16;
  new.box_id := null;
  new.time_q := 2;
  if tg_op = 'UPDATE' then
    new.hlc := greatest(new.hlc, old.hlc + 1);
  end if;
  return new;
end $$;

-- announce wakes the boxes.
create function downbeat.announce() returns trigger language plpgsql as $$
begin
  perform pg_notify('downbeat', '');
  return null;
end $$;

-- keep empties a row and marks it as deleted in place of deleting it, so that
-- every box hears of it. `set downbeat.purge = 'on'` deletes for good.
create function downbeat.keep() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  emptied text;
begin
  if current_setting('downbeat.purge', true) = 'on' then
    return old;
  end if;
  select string_agg(format('%I = null, ', attname), '') into emptied from pg_catalog.pg_attribute
    where attrelid = tg_relid and attnum > 0 and not attnotnull and not attisdropped and attname <> 'deleted_at';
  execute format('update %s set %s deleted_at = now() where id = $1 and deleted_at is null', tg_relid::regclass, emptied) using old.id;
  return null;
end $$;

-- carry adds to a table with a key named id what boxes need. schema_v is the
-- schema of the box that wrote the row, time_q how far its clock was right.
create function downbeat.carry(t regclass) returns void language plpgsql as $$
begin
  execute format($sql$
    alter table %1$s
      add column school text not null default downbeat.home(),
      add column box_id uuid,
      add column hlc bigint not null default 0,
      add column time_q smallint not null default 2,
      add column schema_v integer not null default 1,
      add column deleted_at timestamptz,
      add column xid xid8 not null default pg_current_xact_id();
    create index on %1$s (xid, id);
    alter table %1$s enable row level security;
    create policy box on %1$s to downbeat_box
      using (school = (select downbeat.school())) with check (school = (select downbeat.school()));
    grant select, insert, update on %1$s to downbeat_box;
    create trigger downbeat_stamp before insert or update on %1$s
      for each row execute function downbeat.stamp();
    create trigger downbeat_announce after insert or update on %1$s
      for each statement execute function downbeat.announce();
    create trigger downbeat_keep before delete on %1$s
      for each row execute function downbeat.keep();
  $sql$, t);
end $$;
