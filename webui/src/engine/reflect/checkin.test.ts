import { expect, test, vi } from 'vitest'
import { MemoryStore } from '../testing/store.ts'
import { type CheckIn, parseCheckIn } from './checkin.ts'
import { CheckInOutbox, ReflectionOutbox } from './outbox.ts'

const row: CheckIn = { id: 'a', session_id: 'session', student_id: 'ada', inner_tempo: 3, inner_key: 1 }

test('rows of the box, and nonsense', () => {
  const kept = { ...row, created_at: '2026-11-30T10:00:00+00:00' }
  expect(parseCheckIn({ ...kept, check_in_id: 'b' })).toEqual(kept)
  for (const change of [
    { id: 1 },
    { student_id: null },
    { inner_tempo: 0 },
    { inner_key: 4 },
    { inner_key: '1' },
  ]) {
    expect([change, parseCheckIn({ ...kept, ...change })]).toEqual([change, null])
  }
  expect(parseCheckIn(null)).toBeNull()
})

test('an answer survives the page, apart from the reflections', async () => {
  const sent: unknown[] = []
  const answers = [503, 201]
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    sent.push([url, init.body, new Headers(init.headers).get('authorization')])
    return new Response(null, { status: answers.shift() ?? 500 })
  })
  const store = new MemoryStore()
  const around = { store, watchWakes: () => () => undefined }
  const page = new CheckInOutbox(around)
  page.add(row, 'token')
  await vi.waitFor(() => expect(sent).toHaveLength(1))
  page.close()
  expect(new ReflectionOutbox({ ...around, send: async () => 'kept' }).unkept).toBe(false)
  const next = new CheckInOutbox(around)
  expect(next.state.value.get('a')).toBe('waiting')
  await vi.waitFor(() => expect(next.unkept).toBe(false))
  expect(next.state.value.get('a')).toBe('kept')
  expect(sent).toEqual(Array(2).fill(['/rest/v1/check_ins', JSON.stringify(row), 'Bearer token']))
  vi.unstubAllGlobals()
})
