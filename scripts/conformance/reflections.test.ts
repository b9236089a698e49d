import { expect } from 'vitest'
import { feature, type Trial } from './feature.ts'
import { Inbox } from './inbox.ts'
import type { Program } from './program.ts'
import { mint, teacher } from './token.ts'

/** A program of a student, with their id. */
function student(t: Trial): { by: Program; id: string } {
  const id = crypto.randomUUID()
  return { by: t.dial({ token: mint({ role: 'authenticated', sub: id }) }), id }
}

const school = (t: Trial) => t.dial({ key: mint({ role: 'service_role' }) })

/** Listens as the example of an app does. Returns what it is told. */
async function watch(t: Trial, by: Program) {
  const told = new Inbox<Record<string, unknown>>(t.patience)
  const table = { event: 'INSERT', schema: 'public', table: 'reflections' } as const
  await by.join(t.topic, {
    listen: (channel) => channel.on('postgres_changes', table, (change) => told.put(change.new)),
  })
  await by.recorder.frames.first(
    'the system message that changes come',
    (f) => f.event === 'system' && f.payload.extension === 'postgres_changes' && f.payload.status === 'ok',
  )
  return told
}

feature('a shared reflection reaches the teacher live', async (t) => {
  const told = await watch(t, t.dial({ token: teacher() }))
  const { by, id } = student(t)
  const words = `<b>${t.topic}</b> ' or 1=1 -- \u202e 🎵`
  const row = { session_id: crypto.randomUUID(), student_id: id, prompt: 'Why?', text: words, shared: true }
  const { error } = await by.client.from('reflections').insert(row)
  expect(error).toBeNull()
  const got = await told.first('the reflection', (r) => r.student_id === id)
  expect(got).toMatchObject({ ...row, feeling: null, talk: false })
})

feature('a private reflection is its author’s alone', async (t) => {
  const told = await watch(t, school(t))
  const { by, id } = student(t)
  const own = await watch(t, by)
  const { data, error } = await by.client
    .from('reflections')
    .insert({ student_id: id, feeling: 5, from_bar: 4, to_bar: 7 })
    .select()
    .single()
  expect(error).toBeNull()
  expect(data).toMatchObject({ feeling: 5, from_bar: 4, to_bar: 7, shared: false })
  await own.first('their own row', (r) => r.id === data?.id)
  await by.client.from('reflections').insert({ student_id: id, text: 'shared', shared: true })
  const first = await told.first('the shared one', (r) => r.student_id === id)
  expect(first.text).toBe('shared')
  for (const other of [student(t).by, school(t), t.dial()]) {
    const { data: rows } = await other.client.from('reflections').select().eq('id', data?.id)
    expect(rows).toEqual([])
  }
  const { data: mine } = await by.client.from('reflections').select('text,feeling').order('created_at')
  expect(mine).toEqual([
    { text: null, feeling: 5 },
    { text: 'shared', feeling: null },
  ])
})

feature('reflections that are refused', async (t) => {
  const { by, id } = student(t)
  const refused = async (row: Record<string, unknown>, from = by) =>
    (await from.client.from('reflections').insert(row)).error?.code
  expect(await refused({ student_id: crypto.randomUUID(), text: 'as another' })).toBe('42501')
  expect(await refused({ student_id: id, text: 'as nobody' }, t.dial())).toBe('42501')
  expect(await refused({ student_id: id, prompt: 'neither words nor feeling' })).toBe('23514')
  expect(await refused({ student_id: id, feeling: 6 })).toBe('23514')
})
