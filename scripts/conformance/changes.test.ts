import { expect } from 'vitest'
import { feature, type Trial } from './feature.ts'
import { Inbox } from './inbox.ts'
import { type Change, insert, listen, ours, rowOf, writer } from './plans.ts'

feature('the system message', async (t) => {
  const ann = t.dial()
  await listen(t, ann, { table: 'lesson_plans' })
  const system = await ann.recorder.frames.first('it', (f) => f.event === 'system')
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

/** Lists for the operator in, each with the three titles that it means. */
const lists: readonly [what: string, list: (t: Trial) => string, titles: readonly string[]][] = [
  [
    'blanks, as in the documentation',
    (t) => `${t.topic} red, ${t.topic} blue, ${t.topic} yellow`,
    ['red', 'blue', 'yellow'],
  ],
  [
    'quotes, commas and parentheses',
    (t) => `"${t.topic} a, b" , ${t.topic} (c), "${t.topic} d)"`,
    ['a, b', '(c)', 'd)'],
  ],
  [
    'escapes and a null',
    (t) => `${t.topic} a\\,b, NULL, "${t.topic} \\"c\\"", ${t.topic} d\\\\e`,
    ['a,b', '"c"', 'd\\e'],
  ],
]

for (const [what, list, meant] of lists) {
  feature(`a list with ${what}`, async (t) => {
    const [changes] = await listen(t, t.dial(), ours(t, 'INSERT', { filter: `title=in.(${list(t)})` }))
    const ann = writer(t)
    await insert(ann, { title: `${t.topic} none of them` })
    for (const title of meant) await insert(ann, { title: `${t.topic} ${title}` })
    await changes.atLeast(meant.length, 'an insert')
    expect(changes.all.map((c) => rowOf(c).title.slice(t.topic.length + 1))).toEqual(meant)
  })
}

feature('a value with blanks at its ends', async (t) => {
  const [bare, quoted] = await listen(
    t,
    t.dial(),
    ours(t, 'INSERT', { filter: ` title=eq.${t.topic} , published=eq.t` }),
    ours(t, 'INSERT', { filter: `title=eq." ${t.topic} ",published=eq.yes` }),
  )
  const ann = writer(t)
  const plain = await insert(ann, { title: t.topic })
  const wide = await insert(ann, { title: ` ${t.topic} ` })
  await quoted.first('the second')
  expect(bare.all.map((c) => rowOf(c).id)).toEqual([plain.id])
  expect(quoted.all.map((c) => rowOf(c).id)).toEqual([wide.id])
})

feature('a filter by time', async (t) => {
  const [late, early] = await listen(
    t,
    t.dial(),
    ours(t, 'INSERT', { filter: `title=eq.${t.topic},created_at=gt.now()` }),
    ours(t, 'INSERT', { filter: `title=eq.${t.topic},created_at=lt."${new Date().toUTCString()}"` }),
  )
  const ann = writer(t)
  const past = await insert(ann, { title: t.topic, created_at: 'yesterday' })
  const future = await insert(ann, { title: t.topic, created_at: 'tomorrow 09:00' })
  await late.first('the second')
  expect(early.all.map((c) => rowOf(c).id)).toEqual([past.id])
  expect(late.all.map((c) => rowOf(c).id)).toEqual([future.id])
})

/** Filters, each with what the box says of it. */
const refused: readonly [filter: string, says: string][] = [
  ['title=foo.hey', 'Error parsing `filter` params: ["foo", "hey"]'],
  ['title=in.red', 'Error parsing `filter` params: `in` filter value must be wrapped by parentheses'],
  ['colour=eq.red', 'Exception: ERROR P0001 (raise_exception) invalid column for filter colour'],
  [
    'id=eq.hey',
    'Exception: ERROR 22P02 (invalid_text_representation) invalid input syntax for type uuid: "hey"',
  ],
  ['created_at=gt.soon', 'Exception: ERROR 22007 (invalid_datetime_format)'],
  ['id=like.a%', 'operator like requires a text-compatible column type, got uuid'],
]

feature('what a filter cannot say', async (t) => {
  for (const [i, [filter, says]] of refused.entries()) {
    const ann = t.dial()
    await ann.join(`${t.topic}-${i}`, {
      listen: (channel) => {
        const wanted = { event: '*', schema: 'public', table: 'lesson_plans', filter } as const
        channel.on('postgres_changes', wanted, () => undefined)
      },
    })
    const system = await ann.recorder.frames.first('a system message', (f) => f.event === 'system')
    expect(system.payload).toMatchObject({ extension: 'postgres_changes', status: 'error' })
    expect(system.payload.message).toContain(says)
  }
})

/** How often a program inserts to see that every answer comes first. */
const INSERTS = 20

feature('the answer to a write comes before its change', async (t) => {
  const ann = writer(t)
  const known = new Set<string>()
  const changes = new Inbox<{ answered: boolean }>(t.patience)
  const inserts = { event: 'INSERT', schema: 'public', table: 'lesson_plans' } as const
  await ann.join(t.topic, {
    listen: (channel) =>
      channel.on('postgres_changes', { ...inserts, filter: `title=eq.${t.topic}` }, (change) =>
        changes.put({ answered: known.has(rowOf(change as Change).id) }),
      ),
  })
  for (let i = 0; i < INSERTS; i++) known.add((await insert(ann, { title: t.topic })).id)
  await changes.atLeast(INSERTS, 'a change')
  expect(changes.all.filter((change) => !change.answered)).toEqual([])
})

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
  (v) => v.minor === 90, // waits for a table of that name
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
  const frame = await ann.recorder.frames.first('its frame', (f) => f.event === 'postgres_changes')
  const { columns } = frame.payload.data as { columns: { name: string; type: string }[] }
  const types = Object.fromEntries(columns.map((c) => [c.name, c.type]))
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
  const system = await ann.recorder.frames.first('a system message', (f) => f.event === 'system')
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
