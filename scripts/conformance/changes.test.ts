import type { RealtimePostgresChangesPayload } from '@supabase/supabase-js'
import { expect } from 'vitest'
import { feature, type Trial } from './feature.ts'
import { Inbox } from './inbox.ts'
import type { Person } from './person.ts'
import { mint } from './token.ts'

/** A row of the box's first table. */
interface Plan {
  id: string
  title: string
  body: unknown
  published: boolean
  created_at: string
  updated_at: string
}

type Change = RealtimePostgresChangesPayload<Plan>

/** What is listened for, as an app writes it. */
interface Binding {
  event?: 'INSERT' | 'UPDATE' | 'DELETE' | '*'
  schema?: string
  table?: string
  filter?: string
  select?: string[]
}

/** A program that may write. */
const writer = (t: Trial) => t.dial({ key: mint({ role: 'service_role' }) })

const insert = async (by: Person, plan: Partial<Plan>): Promise<Plan> => {
  const { data, error } = await by.client.from('lesson_plans').insert(plan).select().single()
  if (error) throw new Error(`insert: ${JSON.stringify(error)}`)
  return data
}

/** Listens on one channel until the box says that changes come; an inbox for every binding. */
async function listen<B extends Binding[]>(t: Trial, by: Person, ...bindings: B) {
  const inboxes = bindings.map(() => new Inbox<Change>(t.patience))
  await by.join(t.topic, {
    listen: (channel) => {
      for (const [i, binding] of bindings.entries()) {
        // biome-ignore lint/suspicious/noExplicitAny: one shape for all overloads
        const wanted: any = { event: '*', schema: 'public', ...binding }
        channel.on('postgres_changes', wanted, (change) => inboxes[i]?.put(change as Change))
      }
    },
  })
  await by.line.frames.first(
    'the system message that changes come',
    (f) => f.event === 'system' && f.payload.extension === 'postgres_changes' && f.payload.status === 'ok',
  )
  return inboxes as { [K in keyof B]: Inbox<Change> }
}

/** Binds to the plans with the trial's own title. */
const ours = (t: Trial, event: Binding['event'] = 'INSERT', more: Binding = {}): Binding => ({
  event,
  table: 'lesson_plans',
  filter: `title=eq.${t.topic}`,
  ...more,
})

/** The row that a change is about; after a delete only its key is sure. */
const rowOf = (change: Change) => ({ ...change.old, ...change.new }) as Plan

feature('the system message', async (t) => {
  const ann = t.dial()
  await listen(t, ann, { table: 'lesson_plans' })
  const system = await ann.line.frames.first('it', (f) => f.event === 'system')
  expect(system.payload).toEqual({
    extension: 'postgres_changes',
    status: 'ok',
    message: 'Subscribed to PostgreSQL',
    channel: t.topic,
  })
})

feature('INSERT', async (t) => {
  const [changes] = await listen(t, t.dial(), ours(t))
  const plan = await insert(writer(t), { title: t.topic })
  const change = await changes.first('the insert')
  expect(change).toMatchObject({
    eventType: 'INSERT',
    schema: 'public',
    table: 'lesson_plans',
    old: {},
    errors: null,
  })
  expect(change.new).toMatchObject({ id: plan.id, title: t.topic, published: true })
  expect(Date.parse(change.commit_timestamp)).toBeGreaterThan(0)
})

feature('UPDATE', async (t) => {
  const [changes] = await listen(t, t.dial(), ours(t, 'UPDATE'))
  const ann = writer(t)
  const plan = await insert(ann, { title: t.topic })
  await ann.client
    .from('lesson_plans')
    .update({ body: { bars: 8 } })
    .eq('id', plan.id)
  const change = await changes.first('the update')
  expect(change).toMatchObject({ eventType: 'UPDATE', old: { id: plan.id } })
  expect(change.new).toMatchObject({ id: plan.id, body: { bars: 8 } })
})

feature('DELETE', async (t) => {
  const [changes] = await listen(t, t.dial(), { event: 'DELETE', table: 'lesson_plans' })
  const ann = writer(t)
  const plan = await insert(ann, { title: t.topic })
  await ann.client.from('lesson_plans').delete().eq('id', plan.id)
  const gone = await changes.first('the delete', (c) => rowOf(c).id === plan.id)
  expect(gone).toMatchObject({ eventType: 'DELETE', new: {} })
})

feature('every event, in order', async (t) => {
  const [changes] = await listen(t, t.dial(), { table: 'lesson_plans' })
  const ann = writer(t)
  const plan = await insert(ann, { title: t.topic })
  await ann.client.from('lesson_plans').update({ body: 1 }).eq('id', plan.id)
  await ann.client.from('lesson_plans').delete().eq('id', plan.id)
  const mine = await changes.atLeast(3, 'a change of the plan', (c) => rowOf(c).id === plan.id)
  expect(mine.map((c) => c.eventType)).toEqual(['INSERT', 'UPDATE', 'DELETE'])
})

feature('a filter lets only its rows through', async (t) => {
  const [changes] = await listen(t, t.dial(), ours(t))
  const ann = writer(t)
  await insert(ann, { title: `not ${t.topic}` })
  const plan = await insert(ann, { title: t.topic })
  await changes.first('the insert')
  expect(changes.all.map((c) => rowOf(c).id)).toEqual([plan.id])
})

for (const [what, filter] of [
  ['in', (title: string) => `title=in.(${title},other)`],
  ['like', (title: string) => `title=like.%${title.slice(2)}`],
  ['not', (title: string) => `title=not.neq.${title}`],
  ['several conditions', (title: string) => `title=eq.${title},published=is.true`],
] as const) {
  feature(`a filter with ${what}`, async (t) => {
    const [changes] = await listen(t, t.dial(), ours(t, 'INSERT', { filter: filter(t.topic) }))
    const ann = writer(t)
    await insert(ann, { title: `${t.topic}!` })
    const plan = await insert(ann, { title: t.topic })
    await changes.first('the insert', (c) => rowOf(c).id === plan.id)
    expect(changes.all).toHaveLength(1)
  })
}

feature(
  'select',
  async (t) => {
    const [changes] = await listen(t, t.dial(), ours(t, 'INSERT', { select: ['id', 'title'] }))
    const plan = await insert(writer(t), { title: t.topic })
    expect((await changes.first('the insert')).new).toEqual({ id: plan.id, title: t.topic })
  },
  (v) => v.minor < 110,
)

feature('a whole schema', async (t) => {
  const [changes] = await listen(t, t.dial(), { event: 'INSERT' })
  const plan = await insert(writer(t), { title: t.topic })
  await changes.first('the insert', (c) => rowOf(c).id === plan.id)
})

feature(
  'every table, written *',
  async (t) => {
    const [changes] = await listen(t, t.dial(), { event: 'INSERT', table: '*' })
    const plan = await insert(writer(t), { title: t.topic })
    await changes.first('the insert', (c) => rowOf(c).id === plan.id)
  },
  (v) => v.minor === 90, // it waits for a table of that name
)

feature('several bindings on one channel', async (t) => {
  const [inserts, deletes, others] = await listen(
    t,
    t.dial(),
    ours(t),
    { event: 'DELETE', table: 'lesson_plans' },
    { event: 'INSERT', table: 'lesson_plans', filter: `title=eq.not-${t.topic}` },
  )
  const ann = writer(t)
  const plan = await insert(ann, { title: t.topic })
  await ann.client.from('lesson_plans').delete().eq('id', plan.id)
  await deletes.first('the delete', (c) => rowOf(c).id === plan.id)
  expect(inserts.all.map((c) => c.eventType)).toEqual(['INSERT'])
  expect(others.all).toEqual([])
})

feature('typed columns', async (t) => {
  const ann = t.dial()
  const [changes] = await listen(t, ann, ours(t))
  const body = { tempo: 92.5, bars: [1, 2, null], 'ä "quoted"': true }
  const plan = await insert(writer(t), { title: t.topic, body, published: true })
  const change = await changes.first('the insert')
  expect(change.new).toEqual(plan)
  expect(change.new).toMatchObject({ body, published: true })
  const frame = await ann.line.frames.first('its frame', (f) => f.event === 'postgres_changes')
  const types = Object.fromEntries(
    frame.payload.data.columns.map((c: { name: string; type: string }) => [c.name, c.type]),
  )
  expect(types).toEqual({
    id: 'uuid',
    title: 'text',
    body: 'jsonb',
    published: 'bool',
    created_at: 'timestamptz',
    updated_at: 'timestamptz',
  })
})

feature('what anon may not read does not come', async (t) => {
  const [changes] = await listen(t, t.dial(), ours(t))
  const ann = writer(t)
  await insert(ann, { title: t.topic, published: false })
  const plan = await insert(ann, { title: t.topic })
  await changes.first('the insert')
  expect(changes.all.map((c) => rowOf(c).id)).toEqual([plan.id])
})

feature('a filter that makes no sense', async (t) => {
  const ann = t.dial()
  const joined = await ann.join(t.topic, {
    config: { broadcast: { ack: true } },
    listen: (channel) => {
      const wanted = { event: '*', schema: 'public', table: 'lesson_plans', filter: 'nonsense' } as const
      channel.on('postgres_changes', wanted, () => undefined)
    },
  })
  const system = await ann.line.frames.first('a system message', (f) => f.event === 'system')
  expect(system.payload).toMatchObject({ extension: 'postgres_changes', status: 'error' })
  expect(await joined.send('still here')).toBe('ok')
})

feature(
  'wait: joined when changes come',
  async (t) => {
    const changes = new Inbox<Change>(t.patience)
    await t.dial().join(t.topic, {
      config: { postgres_changes_options: { wait: true, timeout: 3000 } },
      listen: (channel) =>
        channel.on(
          'postgres_changes',
          { event: 'INSERT', schema: 'public', table: 'lesson_plans', filter: `title=eq.${t.topic}` },
          (change) => changes.put(change as Change),
        ),
    })
    await insert(writer(t), { title: t.topic })
    await changes.first('the insert')
  },
  (v) => v.minor < 110,
)
