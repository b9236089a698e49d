import { expect } from 'vitest'
import { feature, type Trial } from './feature.ts'
import { mint } from './token.ts'

/** The table, as a program with write access sees it. */
const plans = (t: Trial) => t.dial({ key: mint({ role: 'service_role' }) }).client.from('lesson_plans')

/** Creates plans with titles that begin with the trial's own. */
async function given(t: Trial, ...rows: { title: string; [column: string]: unknown }[]): Promise<void> {
  const { error } = await plans(t).insert(rows.map((row) => ({ ...row, title: `${t.topic} ${row.title}` })))
  expect(error).toBeNull()
}

/** Returns the titles of a response without that common beginning. */
const titles = (t: Trial, answer: { data: { title: string }[] | null; error: unknown }) => {
  expect(answer.error).toBeNull()
  return answer.data?.map((row) => row.title.slice(t.topic.length + 1))
}

feature('insert', async (t) => {
  expect(await plans(t).insert({ title: t.topic })).toMatchObject({ data: null, error: null, status: 201 })
})

feature('insert and get the row', async (t) => {
  const { data, error } = await plans(t)
    .insert({ title: t.topic, body: { bars: 8 } })
    .select()
  expect(error).toBeNull()
  expect(data).toMatchObject([{ title: t.topic, body: { bars: 8 }, published: true }])
  expect(data?.[0].id).toMatch(/^[0-9a-f-]{36}$/)
  expect(Date.parse(data?.[0].created_at)).toBeGreaterThan(0)
})

feature('insert of several rows', async (t) => {
  const rows = [{ title: `${t.topic} a` }, { title: `${t.topic} b` }]
  const { data } = await plans(t).insert(rows).select('title')
  expect(data).toEqual(rows)
})

feature('upsert', async (t) => {
  const id = crypto.randomUUID()
  for (const title of [`${t.topic} a`, `${t.topic} b`]) {
    const { data, error } = await plans(t).upsert({ id, title }).select()
    expect(error).toBeNull()
    expect(data).toMatchObject([{ id, title }])
  }
  const { data } = await plans(t).select('title').eq('id', id)
  expect(data).toEqual([{ title: `${t.topic} b` }])
})

feature('select of columns', async (t) => {
  await given(t, { title: 'a', body: 1 })
  const { data } = await plans(t).select('title, body').eq('title', `${t.topic} a`)
  expect(data).toEqual([{ title: `${t.topic} a`, body: 1 }])
})

feature('filters', async (t) => {
  await given(t, { title: 'a' }, { title: 'b', published: false }, { title: 'c' })
  const all = () => plans(t).select('title').like('title', `${t.topic}%`).order('title')
  const title = (letter: string) => `${t.topic} ${letter}`
  expect(titles(t, await all())).toEqual(['a', 'b', 'c'])
  expect(titles(t, await all().eq('title', title('b')))).toEqual(['b'])
  expect(titles(t, await all().neq('title', title('b')))).toEqual(['a', 'c'])
  expect(titles(t, await all().gt('title', title('a')))).toEqual(['b', 'c'])
  expect(titles(t, await all().lte('title', title('b')))).toEqual(['a', 'b'])
  expect(titles(t, await all().in('title', [title('a'), title('c')]))).toEqual(['a', 'c'])
  expect(titles(t, await all().ilike('title', '% C'))).toEqual(['c'])
  expect(titles(t, await all().is('published', false))).toEqual(['b'])
  expect(titles(t, await all().not('title', 'eq', title('a')))).toEqual(['b', 'c'])
})

feature('order and limit', async (t) => {
  await given(t, { title: 'b' }, { title: 'c' }, { title: 'a' })
  const all = () => plans(t).select('title').like('title', `${t.topic}%`)
  expect(titles(t, await all().order('title', { ascending: false }))).toEqual(['c', 'b', 'a'])
  expect(titles(t, await all().order('title').limit(2))).toEqual(['a', 'b'])
  expect(titles(t, await all().order('title').range(1, 2))).toEqual(['b', 'c'])
})

feature('single', async (t) => {
  await given(t, { title: 'a' })
  const { data, error } = await plans(t).select('title').eq('title', `${t.topic} a`).single()
  expect(error).toBeNull()
  expect(data).toEqual({ title: `${t.topic} a` })
  const none = await plans(t).select().eq('title', `${t.topic} b`).single()
  expect(none).toMatchObject({ data: null, error: { code: 'PGRST116' }, status: 406 })
})

feature('maybeSingle', async (t) => {
  await given(t, { title: 'a' })
  const some = await plans(t).select('title').eq('title', `${t.topic} a`).maybeSingle()
  expect(some).toMatchObject({ data: { title: `${t.topic} a` }, error: null })
  const none = await plans(t).select().eq('title', `${t.topic} b`).maybeSingle()
  expect(none).toMatchObject({ data: null, error: null })
})

feature('update', async (t) => {
  await given(t, { title: 'a' }, { title: 'b' })
  const here = (title: string) =>
    plans(t)
      .update({ body: { seen: true } })
      .eq('title', `${t.topic} ${title}`)
  expect(await here('a')).toMatchObject({ data: null, error: null, status: 204 })
  expect((await here('b').select('title, body')).data).toEqual([
    { title: `${t.topic} b`, body: { seen: true } },
  ])
})

feature('delete', async (t) => {
  await given(t, { title: 'a' }, { title: 'b' })
  const { data, error } = await plans(t).delete().eq('title', `${t.topic} a`).select('title')
  expect(error).toBeNull()
  expect(data).toEqual([{ title: `${t.topic} a` }])
  expect(titles(t, await plans(t).select('title').like('title', `${t.topic}%`))).toEqual(['b'])
})

feature('times that Postgres reads', async (t) => {
  const noon = '2026-11-30T12:00:00+00:00'
  const written: readonly string[] = [
    new Date(noon).toISOString(),
    new Date(noon).toUTCString(),
    '2026-11-30 12:00',
    '2026-11-30 13:00:00+01',
    '2026-11-30 12:00:00 +00',
    '20261130T120000Z',
    'Mon, 30 Nov 2026 07:00:00 EST',
    'Nov 30, 2026 12:00 PM',
    '30 November 2026 12:00 UTC',
    '11/30/2026, 12:00:00 PM',
    '2026-11-30 13:00 Europe/Berlin',
  ]
  const rows = written.map((created_at) => ({ title: t.topic, created_at }))
  const { data, error } = await plans(t).insert(rows).select('created_at')
  expect(error).toBeNull()
  expect(data?.map((row) => row.created_at)).toEqual(written.map(() => noon))
  for (const created_at of ['now()', 'now', 'today', 'tomorrow', 'yesterday 14:30']) {
    const { data, error } = await plans(t).insert({ title: t.topic, created_at }).select().single()
    expect(error, created_at).toBeNull()
    expect(Math.abs(Date.parse(data?.created_at) - Date.now()), created_at).toBeLessThan(49 * 3_600_000)
  }
  for (const created_at of ['epoch', 'infinity', '-infinity']) {
    expect((await plans(t).insert({ title: t.topic, created_at })).error, created_at).toBeNull()
  }
  const wrong = await plans(t).insert({ title: t.topic, created_at: 'half past two' })
  expect(wrong.error).toMatchObject({ code: '22007' })
  const { count } = await plans(t)
    .select('*', { count: 'exact', head: true })
    .eq('title', t.topic)
    .gte('created_at', 'Nov 30, 2026')
    .lt('created_at', '12/1/2026')
  expect(count).toBeGreaterThanOrEqual(written.length)
})

feature('the shape of errors', async (t) => {
  const shape = { message: expect.any(String), code: expect.any(String) }
  const id = crypto.randomUUID()
  await plans(t).insert({ id, title: t.topic })
  const twice = await plans(t).insert({ id, title: t.topic })
  expect(twice).toMatchObject({ data: null, status: 409, error: { ...shape, code: '23505' } })
  const untitled = await plans(t).insert({ body: {} })
  expect(untitled).toMatchObject({ data: null, status: 400, error: { ...shape, code: '23502' } })
  const column = await plans(t).select('nonsense')
  expect(column).toMatchObject({ data: null, status: 400, error: { ...shape, code: '42703' } })
  const missing = await t.dial().client.from('nonsense').select()
  expect(missing).toMatchObject({ data: null, status: 404, error: shape })
})

feature('anon reads what is published and writes nothing', async (t) => {
  await given(t, { title: 'a' }, { title: 'b', published: false })
  const anon = t.dial().client.from('lesson_plans')
  expect(titles(t, await anon.select('title').like('title', `${t.topic}%`))).toEqual(['a'])
  const refused = await t.dial().client.from('lesson_plans').insert({ title: t.topic })
  expect(refused).toMatchObject({ data: null, error: { code: '42501' } })
})
