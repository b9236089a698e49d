-- What students wrote after playing. Of a reflection that its author does not
-- share, only the box has the key: sealed holds the words, and nothing here can
-- open them. Boxes take nothing from this table but deletions.

create table public.reflections (
  id uuid primary key default gen_random_uuid(),
  session_id uuid,
  student_id uuid,
  prompt text,
  text text,
  feeling smallint,
  from_bar integer,
  to_bar integer,
  shared boolean not null default false,
  talk boolean,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  sealed bytea
);
select downbeat.carry('public.reflections');
alter table public.reflections
  add constraint reflections_answered check (text is not null or feeling is not null or sealed is not null or deleted_at is not null),
  add constraint reflections_feeling check (feeling between 1 and 5);
