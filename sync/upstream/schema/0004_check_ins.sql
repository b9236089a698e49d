-- How students said they feel, if the school wants it here. Only the box has the
-- key: sealed holds the answer and whose it is. Boxes take nothing from this table
-- but deletions.

create table public.check_ins (
  id uuid primary key default gen_random_uuid(),
  session_id uuid,
  check_in_id uuid,
  student_id uuid,
  inner_tempo smallint,
  inner_key smallint,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  sealed bytea
);
select downbeat.carry('public.check_ins');
alter table public.check_ins
  add constraint check_ins_sealed check (sealed is not null or deleted_at is not null),
  add constraint check_ins_nobody check (num_nonnulls(student_id, inner_tempo, inner_key) = 0);
