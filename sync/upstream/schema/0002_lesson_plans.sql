-- The lesson plans of the boxes, and those that are written at home.

create table public.lesson_plans (
  id uuid primary key default gen_random_uuid(),
  title text not null,
  body jsonb,
  published boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
select downbeat.carry('public.lesson_plans');
